from django.urls import path

from kindergartens.changes import views

urlpatterns = [
    path(
        "kindergartens/changes/<int:change_id>/withdraw/",
        views.withdraw,
        name="status-change-withdraw",
    ),
    path(
        "kindergartens/changes/documents/<uuid:document_id>/",
        views.document,
        name="status-document",
    ),
]
