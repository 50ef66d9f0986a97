from django.urls import path

from reports.staffing import views

urlpatterns = [
    path("staffing/gaps/", views.gaps, name="staffing-gaps"),
    path("staffing/gaps/<slug:code>/", views.gaps, name="staffing-gaps-region"),
    path(
        "staffing/gaps/<slug:code>/export.<str:ending>",
        views.gaps_export,
        name="staffing-gaps-export",
    ),
    path(
        "kindergartens/<slug:code>/ratios/", views.kindergarten_ratios, name="kindergarten-ratios"
    ),
    path(
        "kindergartens/<slug:code>/staffing-gaps/",
        views.kindergarten_gaps,
        name="kindergarten-staffing-gaps",
    ),
]
