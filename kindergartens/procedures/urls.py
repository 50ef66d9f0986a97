from django.urls import path

from kindergartens.procedures.views import asking, lists, one

urlpatterns = [
    path("procedures/", lists.procedures, name="procedures"),
    path("procedures/periods/", lists.periods, name="procedure-periods"),
    path("procedures/new/<slug:code>/", asking.choose, name="procedure-choose"),
    path("procedures/new/<slug:code>/<slug:kind_code>/", asking.ask, name="procedure-ask"),
    path("procedures/documents/<uuid:document_id>/", one.document, name="procedure-document"),
    path("procedures/<slug:number>/", one.procedure, name="procedure"),
    path("procedures/<slug:number>/complete/", asking.complete, name="procedure-complete"),
    path("procedures/<slug:number>/act/", one.act, name="procedure-act"),
]
