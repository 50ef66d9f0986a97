from django.urls import path

from staffing.papers.views import closing, lists, recording

urlpatterns = [
    path("staff/due/", lists.staff_due, name="staff-due"),
    path("staff/found/", lists.staff_found, name="staff-found"),
    path("staff/<int:person_id>/papers/<slug:kind>/", recording.paper_new, name="paper-new"),
    path(
        "staff/papers/<slug:kind>/<int:paper_id>/withdraw/", closing.paper_withdraw,
        name="paper-withdraw",
    ),
    path("staff/contracts/<int:contract_id>/file/", closing.contract_file, name="contract-file"),
    path("staff/contracts/<int:contract_id>/end/", closing.contract_end, name="contract-end"),
    path(
        "staff/<int:person_id>/insurance/<slug:code>/end/", closing.insurance_end,
        name="insurance-end",
    ),
    path(
        "kindergartens/<slug:code>/staff/papers/<slug:kind>/", recording.papers_batch,
        name="papers-batch",
    ),
]  # fmt: skip
