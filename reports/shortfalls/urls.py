from django.urls import path

from reports.shortfalls import views

urlpatterns = [
    path("shortfalls/", views.shortfalls, name="shortfalls"),
    path("shortfalls/<slug:code>/", views.shortfalls, name="shortfalls-region"),
    path(
        "shortfalls/<slug:code>/export.<str:ending>",
        views.shortfalls_export,
        name="shortfalls-export",
    ),
]
