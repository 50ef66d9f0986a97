from django.urls import path, register_converter

from reports.dashboards import boards, cutting, group_views, heat, ranking, taking, trending, views
from reports.dashboards.converters import MonthConverter

register_converter(MonthConverter, "month")

urlpatterns = [
    path("figures/", views.dashboard, name="dashboard"),
    path("policies/history/", views.policy_history, name="policy-history"),
    path("figures/groups/<int:group_id>/", group_views.group_dashboard, name="group-figures"),
    path(
        "figures/groups/<int:group_id>/export.<str:ending>",
        group_views.group_figures_export,
        name="group-figures-export",
    ),
    path("figures/<slug:code>/", views.dashboard, name="dashboard-region"),
    path("figures/<slug:code>/fresh/", views.dashboard_fresh, name="dashboard-fresh"),
    path(
        "figures/<slug:code>/export.<str:ending>", views.dashboard_export, name="dashboard-export"
    ),
    path("figures/<slug:code>/all/", boards.all_figures, name="figures-all"),
    path("figures/<slug:code>/documents/", boards.documents, name="figures-documents"),
    path("figures/<slug:code>/ranking/", ranking.ranking, name="figures-ranking"),
    path("figures/<slug:code>/trend/", trending.trending, name="figures-trend"),
    path("figures/<slug:code>/heat/", heat.heat, name="figures-heat"),
    path("figures/<slug:code>/cuts/", cutting.cuts, name="figures-cuts"),
    path(
        "figures/<slug:code>/<slug:page>/export.<str:ending>",
        taking.figures_file,
        name="figures-file",
    ),
    path(
        "figures/<slug:code>/<slug:indicator>/<month:month>/",
        views.figure_explain,
        name="figure-explain",
    ),
    path(
        "figures/<slug:code>/<slug:indicator>/<month:month>/<slug:child>/",
        views.figure_contributions,
        name="figure-contributions",
    ),
    path(
        "figures/<slug:code>/<slug:indicator>/<month:month>/export.<str:ending>",
        views.figure_export,
        name="figure-export",
    ),
]
