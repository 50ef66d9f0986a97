from django.urls import path

from reports.reconciling import views

urlpatterns = [
    path("progress/reconciliation/", views.reconciliation, name="reconciliation"),
    path(
        "progress/reconciliation/export.<slug:ending>",
        views.reconciliation_export,
        name="reconciliation-export",
    ),
    path(
        "progress/reconciliation/<int:period_id>/<slug:code>/",
        views.explain,
        name="reconciliation-explain",
    ),
]
