from django.urls import path

from reports.planning import views

urlpatterns = [
    path("planning/status/confirm/", views.status_change_confirm, name="status-change-confirm"),
    path("planning/status/<slug:code>/", views.status_change, name="status-change"),
]
