from django.urls import path

from reports.estates import views

urlpatterns = [
    path("estates/table.<str:ending>", views.estate_table_export, name="estate-table-export"),
    path("estates/<int:estate_id>/operator/", views.operator_ask, name="estate-operator-ask"),
    path(
        "estates/<int:estate_id>/operator/found/",
        views.operator_found,
        name="estate-operator-found",
    ),
    path(
        "estates/operators/<int:operator_id>/decide/",
        views.operator_decide,
        name="estate-operator-decide",
    ),
]
