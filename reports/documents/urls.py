from django.urls import path

from reports.documents import views

urlpatterns = [
    path("documents/", views.documents, name="documents"),
    path("documents/print/", views.print_requested, name="document-print"),
    path("documents/<uuid:document_id>/", views.download, name="document-download"),
]
