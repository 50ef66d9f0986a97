from django.urls import path

from kindergartens.procedures import views

urlpatterns = [
    path("procedures/", views.procedures, name="procedures"),
    path("procedures/owed/", views.owed, name="procedures-owed"),
    path("procedures/new/<slug:code>/", views.choose, name="procedure-choose"),
    path("procedures/new/<slug:code>/<slug:kind_code>/", views.ask, name="procedure-ask"),
    path("procedures/documents/<uuid:document_id>/", views.document, name="procedure-document"),
    path("procedures/<slug:number>/", views.procedure, name="procedure"),
    path("procedures/<slug:number>/complete/", views.complete, name="procedure-complete"),
    path("procedures/<slug:number>/act/", views.act, name="procedure-act"),
]
