from django.urls import path

from accounts.jobs import views

urlpatterns = [
    path("", views.job_list, name="jobs"),
    path("<uuid:job_id>/progress/", views.job_progress, name="job-progress"),
    path("<uuid:job_id>/retry/", views.retry_job, name="job-retry"),
]
