from django.urls import path

from reports.fee_figures import views

urlpatterns = [
    path("fees/figures/", views.fee_figures, name="fee-figures"),
    path("fees/figures/<slug:code>/", views.fee_figures, name="fee-figures-region"),
    path(
        "fees/figures/<slug:code>/export.<str:ending>",
        views.fee_figures_export,
        name="fee-figures-export",
    ),
]
