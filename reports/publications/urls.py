from django.urls import path

from reports.publications.views import acts, pages

ONE = "publications/<slug:number>/"

urlpatterns = [
    path("publications/", pages.publications, name="publications"),
    path("publications/new/", acts.new, name="publication-new"),
    path("publications/drafts/<int:draft_id>/", pages.draft, name="publication-draft"),
    path("publications/drafts/<int:draft_id>/publish/", acts.publish, name="publication-publish"),
    path(
        "publications/drafts/<int:draft_id>/withdraw/", acts.withdraw, name="publication-withdraw"
    ),
    path(ONE, pages.publication, name="publication"),
    path(f"{ONE}data.json", pages.data, name="publication-data"),
    path(f"{ONE}paper.pdf", pages.paper_pdf, name="publication-pdf"),
    path("public/publications/", pages.public_verify, name="public-publications"),
]
