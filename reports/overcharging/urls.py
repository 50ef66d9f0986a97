from django.urls import path

from reports.overcharging import views

urlpatterns = [
    path("fees/overcharging/", views.overcharging, name="overcharging"),
    path("fees/overcharging/<slug:code>/", views.overcharging, name="overcharging-region"),
    path(
        "fees/overcharging/<slug:code>/export.<str:ending>",
        views.overcharging_export,
        name="overcharging-export",
    ),
]
