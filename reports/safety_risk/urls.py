from django.urls import path

from reports.safety_risk import views

urlpatterns = [
    path("safety/risk/", views.risk, name="safety-risk"),
    path("safety/risk/heat/", views.heat, name="safety-risk-heat"),
    path("safety/risk/visits.<str:ending>", views.visits, name="safety-risk-visits"),
    path(
        "kindergartens/<slug:code>/safety-risk/", views.of_kindergarten,
        name="kindergarten-safety-risk",
    ),
]  # fmt: skip
