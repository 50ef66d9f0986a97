from django.urls import path

from reports.planning import views

urlpatterns = [
    path(
        "planning/procedures/confirm/",
        views.procedure_decide_confirm,
        name="procedure-decide-confirm",
    ),
    path("planning/procedures/<slug:number>/", views.procedure_decide, name="procedure-decide"),
    path("planning/status/confirm/", views.status_change_confirm, name="status-change-confirm"),
    path("planning/status/<slug:code>/first-day/", views.status_first_day, name="status-first-day"),
    path("planning/status/<slug:code>/", views.status_change, name="status-change"),
]
