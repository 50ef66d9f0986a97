from django.urls import path

from safety.measures.views import evidence, lists

LIST = "safety/measures/list/"
ONE = "kindergartens/<slug:code>/safety-measures/"

urlpatterns = [
    path(LIST, lists.measure_list, name="safety-measure-list"),
    path(f"{LIST}history/", lists.list_history, name="safety-measure-list-history"),
    path(f"{LIST}begin/", lists.list_begin, name="safety-measure-list-begin"),
    path(f"{LIST}new/", lists.measure_new, name="safety-measure-new"),
    path(f"{LIST}<int:row_id>/", lists.measure_correct, name="safety-measure-correct"),
    path(f"{LIST}<int:row_id>/end/", lists.measure_end, name="safety-measure-end"),
    path(f"{ONE}history/", evidence.evidence_history, name="measure-evidence-history"),
    path(f"{ONE}<slug:measure>/new/", evidence.evidence_new, name="measure-evidence-new"),
    path(
        "safety/evidence/<int:evidence_id>/decide/",
        evidence.evidence_decide,
        name="measure-evidence-decide",
    ),
    path(
        "safety/evidence/<int:evidence_id>/withdraw/",
        evidence.evidence_withdraw,
        name="measure-evidence-withdraw",
    ),
    path(
        "safety/evidence/<int:evidence_id>/end/", evidence.evidence_end, name="measure-evidence-end"
    ),
    path(
        "safety/evidence/documents/<uuid:document_id>/",
        evidence.evidence_document,
        name="measure-document",
    ),
]
