from django.urls import path

from reports.reuse import views

urlpatterns = [
    path("forms/", views.forms_filled, name="reuse"),
    path("forms/worksheets.<slug:ending>", views.worksheets_export, name="reuse-export"),
    path("forms/worksheets/<slug:code>/", views.worksheet, name="reuse-worksheet"),
]
