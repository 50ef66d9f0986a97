from django.urls import path

from fees.filing import views

urlpatterns = [
    path("fees/filings/", views.filings, name="fee-filings"),
    path("fees/filings/new/<slug:code>/", views.begin, name="fee-filing-new"),
    path("fees/filings/<int:filing_id>/", views.filing, name="fee-filing"),
    path("fees/filings/<int:filing_id>/lines/", views.edit_lines, name="fee-filing-lines"),
    path("fees/filings/<int:filing_id>/costs/", views.edit_costs, name="fee-filing-costs"),
    path("fees/filings/<int:filing_id>/act/", views.act, name="fee-filing-act"),
    path("fees/filings/<int:filing_id>/history/", views.history, name="fee-filing-history"),
]
