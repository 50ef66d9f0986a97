from django.urls import path

from accounts.releases import views

urlpatterns = [
    path("people/export.<str:ending>", views.people_export, name="people-export"),
    path("exports/", views.my_exports, name="my-exports"),
    path("exports/ask/<slug:code>/", views.export_ask, name="export-ask"),
    path("exports/<uuid:request_id>/download/", views.export_download, name="export-download"),
    path("exports/<uuid:request_id>/withdraw/", views.export_withdraw, name="export-withdraw"),
    path("exports/approvals/", views.export_approvals, name="export-approvals"),
    path("exports/<uuid:request_id>/decide/", views.export_decide, name="export-decide"),
]
