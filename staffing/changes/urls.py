from django.urls import path

from staffing.changes import views

urlpatterns = [path("staff/changes/", views.staff_changes, name="staff-changes")]
