from django.urls import path

from kindergartens.projects.views import estates, projects

urlpatterns = [
    path("projects/", projects.projects, name="projects"),
    path("projects/export.<str:ending>", projects.projects_export, name="projects-export"),
    path("projects/new/", projects.project_new, name="project-new"),
    path("projects/<int:project_id>/", projects.project, name="project"),
    path("projects/<int:project_id>/edit/", projects.project_edit, name="project-edit"),
    path("projects/<int:project_id>/stage/", projects.project_stage, name="project-stage"),
    path("projects/<int:project_id>/payment/", projects.project_payment, name="project-payment"),
    path("projects/<int:project_id>/history/", projects.project_history, name="project-history"),
    path("estates/", estates.estates, name="estates"),
    path("estates/export.<str:ending>", estates.estates_export, name="estates-export"),
    path("estates/new/", estates.estate_new, name="estate-new"),
    path("estates/<int:estate_id>/", estates.estate, name="estate"),
    path("estates/<int:estate_id>/edit/", estates.estate_edit, name="estate-edit"),
    path("estates/<int:estate_id>/step/", estates.estate_step, name="estate-step"),
    path("estates/<int:estate_id>/hand-over/", estates.estate_hand_over, name="estate-hand-over"),
    path("estates/<int:estate_id>/problem/", estates.estate_problem, name="estate-problem"),
    path("estates/<int:estate_id>/history/", estates.estate_history, name="estate-history"),
    path(
        "estates/problems/<int:problem_id>/resolve/",
        estates.estate_problem_resolve,
        name="estate-problem-resolve",
    ),
]
