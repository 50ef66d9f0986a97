from django.urls import path

from accounts.exchange import views

urlpatterns = [
    path("", views.import_list, name="imports"),
    path("<slug:code>/", views.import_upload, name="import-upload"),
    path("<slug:code>/template.xlsx", views.import_template, name="import-template"),
    path("<slug:code>/current.xlsx", views.import_current, name="import-current"),
    path("batches/<uuid:batch_id>/", views.import_batch, name="import-batch"),
    path("batches/<uuid:batch_id>/confirm/", views.import_confirm, name="import-confirm"),
    path("batches/<uuid:batch_id>/marked.xlsx", views.import_marked, name="import-marked"),
    path("batches/<uuid:batch_id>/original", views.import_original, name="import-original"),
]
