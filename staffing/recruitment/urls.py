from django.urls import path

from staffing.recruitment import views

urlpatterns = [
    path("staffing/recruitment/", views.plan, name="recruitment"),
    path("staffing/recruitment/export.<str:ending>", views.plan_export, name="recruitment-export"),
    path("staffing/recruitment/history/", views.plan_history, name="recruitment-history"),
    path("staffing/recruitment/new/", views.line_new, name="recruitment-new"),
    path("staffing/recruitment/<int:line_id>/", views.line_edit, name="recruitment-edit"),
    path(
        "staffing/recruitment/<int:line_id>/withdraw/",
        views.line_withdraw,
        name="recruitment-withdraw",
    ),
]
