from django.urls import path

from reports.staffing.views import gaps, standards

urlpatterns = [
    path("staffing/gaps/", gaps.gaps, name="staffing-gaps"),
    path("staffing/gaps/<slug:code>/", gaps.gaps, name="staffing-gaps-region"),
    path(
        "staffing/gaps/<slug:code>/export.<str:ending>",
        gaps.gaps_export,
        name="staffing-gaps-export",
    ),
    path("staffing/standards/", standards.standards, name="staffing-standards"),
    path(
        "staffing/standards/history/",
        standards.standards_history,
        name="staffing-standards-history",
    ),
    path(
        "staffing/standards/new/<slug:demand>/",
        standards.standard_new,
        name="staffing-standard-new",
    ),
    path(
        "staffing/standards/<int:row_id>/",
        standards.standard_correct,
        name="staffing-standard-correct",
    ),
    path(
        "staffing/standards/<int:row_id>/end/", standards.standard_end, name="staffing-standard-end"
    ),
    path("kindergartens/<slug:code>/ratios/", gaps.kindergarten_ratios, name="kindergarten-ratios"),
    path(
        "kindergartens/<slug:code>/staffing-gaps/",
        gaps.kindergarten_gaps,
        name="kindergarten-staffing-gaps",
    ),
]
