from django.urls import include, path

from accounts import views as accounts_views
from config import views

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("accounts.urls")),
    path("", include("kindergartens.urls")),
    path("", include("kindergartens.premises.urls")),
    path("", include("kindergartens.projects.urls")),
    path("", include("staffing.roster.urls")),
    path("", include("staffing.papers.urls")),
    path("", include("staffing.barred.urls")),
    path("", include("staffing.changes.urls")),
    path("", include("fees.urls")),
    path("", include("fees.ceilings.urls")),
    path("", include("fees.free_year.urls")),
    path("", include("fees.catalogue.urls")),
    path("", include("fees.local_list.urls")),
    path("", include("fees.meals.urls")),
    path("", include("fees.funding.urls")),
    path("", include("fees.filing.urls")),
    path("", include("fees.refunds.urls")),
    path("", include("safety.hazards.urls")),
    path("", include("staffing.recruitment.urls")),
    path("", include("staffing.establishment.urls")),
    path("", include("staffing.secondments.urls")),
    path("", include("safety.patrols.urls")),
    path("", include("reports.incidents.urls")),
    path("", include("safety.incidents.urls")),
    path("", include("safety.selfchecks.urls")),
    path("", include("safety.measures.urls")),
    path("", include("inspections.ledger.urls")),
    path("", include("safety.buses.urls")),
    path("", include("safety.upkeep.urls")),
    path("", include("inspections.campaigns.urls")),
    path("", include("reports.campaign_circulars.urls")),
    # Before the returns, whose addresses begin like these.
    path("reviews/", include("reports.reconciling.urls")),
    path("", include("reports.filings.urls")),
    path("", include("reports.dashboards.urls")),
    path("", include("indicators.verification.urls")),
    path("", include("indicators.targets.urls")),
    path("", include("indicators.aggregates.urls")),
    path("", include("reports.api.urls")),
    path("", include("indicators.recognition.urls")),
    path("", include("reports.documents.urls")),
    path("", include("reports.patrol_circulars.urls")),
    path("", include("reports.publications.urls")),
    path("", include("reports.safety_risk.urls")),
    path("", include("reports.planning.urls")),
    path("", include("reports.estates.urls")),
    path("", include("reports.owed.urls")),
    path("", include("reports.funding.urls")),
    path("", include("reports.overcharging.urls")),
    path("", include("reports.free_year.urls")),
    path("", include("reports.mirror.urls")),
    path("", include("reports.staffing.urls")),
    path("", include("reports.shortfalls.urls")),
    path("", include("reports.disclosure.urls")),
    path("", include("reports.fee_sheets.urls")),
    path("", include("reports.fee_figures.urls")),
    path("", include("reports.hazard_slips.urls")),
    path("", include("reports.reuse.urls")),
    # After the list of measures, whose address is like that of a region.
    path("", include("reports.safety_measures.urls")),
    path("", include("config.gallery_urls")),
]

handler400 = accounts_views.bad_request
handler403 = accounts_views.forbidden
handler404 = accounts_views.not_found
handler500 = accounts_views.server_error
