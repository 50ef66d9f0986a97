from django.urls import path

from reports.fee_sheets import views

urlpatterns = [
    path("public/kindergartens/<slug:code>/fees/", views.public_fees, name="public-fees"),
    path("public/fees/", views.public_counties, name="public-counties"),
    path("public/counties/<slug:code>/fees/", views.public_county, name="public-county-fees"),
    path("kindergartens/<slug:code>/fees/sheet.pdf", views.fee_sheet, name="fee-sheet"),
]
