from django.urls import include, path

from reports.filings import views

urlpatterns = [
    # The director's side.
    path("returns/", views.my_filings, name="my-filings"),
    path("returns/open/", views.open_filing, name="filing-open"),
    path("returns/periods/<int:period_id>/extension/", views.ask_extension, name="extension-ask"),
    path("returns/<int:filing_id>/edit/", views.edit_filing, name="filing-edit"),
    path("returns/<int:filing_id>/withdraw/", views.withdraw_filing, name="filing-withdraw"),
    path("returns/<int:filing_id>/workbook/", views.filing_workbook, name="filing-workbook"),
    path("returns/<int:filing_id>/attachments/", views.attach_file, name="filing-attach"),
    # What was submitted, for both sides.
    path(
        "returns/<int:filing_id>/attachments/<uuid:attachment_id>/",
        views.download_attachment,
        name="filing-attachment",
    ),
    path(
        "returns/<int:filing_id>/versions/<int:version>/",
        views.filing_version,
        name="filing-version",
    ),
    path("returns/<int:filing_id>/compare/", views.compare_versions, name="filing-compare"),
    path("returns/<int:filing_id>/history/", views.filing_history, name="filing-history"),
    # The town's side, where the county wants it.
    path("reviews/<int:filing_id>/town/", views.pre_review_filing, name="filing-pre-review"),
    # The bureau's side.
    path("reviews/", include("reports.filings.board.urls")),
    path("reviews/", views.filing_queue, name="filing-queue"),
    path("reviews/<int:filing_id>/", views.review_filing, name="filing-review"),
    path("reviews/<int:filing_id>/accept/", views.accept_filing, name="filing-accept"),
    path("reviews/<int:filing_id>/return/", views.return_filing, name="filing-return"),
]
