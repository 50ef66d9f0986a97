from django.urls import path

from reports.safety_measures.views import kindergarten, region

urlpatterns = [
    path("safety/measures/", region.measures, name="safety-measures"),
    path("safety/measures/<slug:code>/", region.measures_of, name="safety-measures-region"),
    path(
        "safety/measures/<slug:code>/<slug:what>/export.<str:ending>",
        region.measures_export,
        name="safety-measures-export",
    ),
    path(
        "kindergartens/<slug:code>/safety-measures/",
        kindergarten.of_kindergarten,
        name="kindergarten-safety-measures",
    ),
]
