from django.urls import path

from indicators.verification import views

urlpatterns = [
    path("figure-checks/", views.checks, name="figure-checks"),
    path("figure-checks/start/", views.start, name="figure-check-start"),
    path("figure-checks/runs/", views.run_list, name="figure-runs"),
    path("figure-checks/runs/<int:run_id>/progress/", views.progress, name="figure-run-progress"),
    path("figure-checks/<int:drift_id>/repair/", views.repair_drift, name="figure-drift-repair"),
    path("figure-checks/<int:drift_id>/history/", views.history, name="figure-drift-history"),
]
