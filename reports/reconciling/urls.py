from django.urls import path

from reports.reconciling import views

urlpatterns = [
    path("reconciliation/", views.reconciliation, name="reconciliation"),
    path(
        "reconciliation/export.<slug:ending>",
        views.reconciliation_export,
        name="reconciliation-export",
    ),
    path(
        "reconciliation/<int:period_id>/<slug:code>/",
        views.explain,
        name="reconciliation-explain",
    ),
]
