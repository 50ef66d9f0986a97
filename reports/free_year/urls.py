from django.urls import path

from reports.free_year import views

urlpatterns = [
    path("fees/free-year/", views.free_year, name="free-year"),
    path("fees/free-year/<slug:code>/", views.free_year, name="free-year-region"),
    path("fees/free-year/<slug:code>/approve/", views.free_year_approve, name="free-year-approve"),
    path(
        "fees/free-year/<slug:code>/export.<str:ending>",
        views.free_year_export,
        name="free-year-export",
    ),
]
