from django.urls import path

from kindergartens.population import views

urlpatterns = [
    path("", views.population, name="population"),
    path("forecast/", views.population_forecast, name="population-forecast"),
    path("export.<str:ending>", views.population_export, name="population-export"),
    path("<slug:code>/edit/", views.population_edit, name="population-edit"),
]
