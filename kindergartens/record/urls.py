from django.urls import path

from kindergartens.record.views import editing, page, proposals, registering

urlpatterns = [
    path("kindergartens/register/", registering.register, name="kindergarten-register"),
    path("kindergartens/proposals/", proposals.proposal_list, name="record-proposals"),
    path(
        "kindergartens/proposals/<int:proposal_id>/decide/",
        proposals.proposal_decide,
        name="record-proposal-decide",
    ),
    path(
        "kindergartens/proposals/<int:proposal_id>/withdraw/",
        proposals.proposal_withdraw,
        name="record-proposal-withdraw",
    ),
    path(
        "kindergartens/<slug:code>/record/<slug:section>/",
        editing.record_edit,
        name="record-edit",
    ),
    path(
        "kindergartens/<slug:code>/own-record/<slug:section>/",
        editing.own_record_edit,
        name="own-record-edit",
    ),
    path("kindergartens/<slug:code>/rename/", editing.rename, name="kindergarten-rename"),
    path(
        "kindergartens/<slug:code>/history/",
        page.kindergarten_history,
        name="kindergarten-history",
    ),
    path("kindergartens/<slug:code>/", page.kindergarten_detail, name="kindergarten-detail"),
]
