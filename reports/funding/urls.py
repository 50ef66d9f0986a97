from django.urls import path

from reports.funding import views

urlpatterns = [
    path("fees/funding/", views.funding, name="funding"),
    path("fees/funding/<slug:code>/", views.funding, name="funding-region"),
    path(
        "fees/funding/<slug:code>/export.<str:ending>", views.funding_export, name="funding-export"
    ),
]
