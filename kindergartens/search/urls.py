from django.urls import path

from kindergartens.search import views

urlpatterns = [
    path("kindergartens/", views.kindergarten_list, name="kindergarten-list"),
    path(
        "kindergartens/export.<str:ending>", views.kindergarten_export, name="kindergarten-export"
    ),
    path("kindergartens/map/", views.kindergarten_map, name="kindergarten-map"),
    path("kindergartens/views/save/", views.view_save, name="saved-view-save"),
    path("kindergartens/views/<int:view_id>/delete/", views.view_delete, name="saved-view-delete"),
    path("kindergartens/columns/", views.columns_choose, name="kindergarten-columns"),
]
