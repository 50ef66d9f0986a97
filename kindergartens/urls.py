from django.urls import include, path

from kindergartens import views

urlpatterns = [
    path("", include("kindergartens.changes.urls")),
    path("", include("kindergartens.procedures.urls")),
    path("kindergartens/", views.kindergarten_list, name="kindergarten-list"),
    path(
        "kindergartens/export.<str:ending>", views.kindergarten_export, name="kindergarten-export"
    ),
    path("kindergartens/periods/history/", views.period_history, name="period-history"),
    path(
        "kindergartens/<slug:code>/history/",
        views.kindergarten_history,
        name="kindergarten-history",
    ),
    path("kindergartens/<slug:code>/", views.kindergarten_detail, name="kindergarten-detail"),
]
