from django.urls import path

from kindergartens import views

urlpatterns = [
    path("kindergartens/", views.kindergarten_list, name="kindergarten-list"),
    path(
        "kindergartens/export.<str:ending>", views.kindergarten_export, name="kindergarten-export"
    ),
    path("kindergartens/<slug:code>/", views.kindergarten_detail, name="kindergarten-detail"),
]
