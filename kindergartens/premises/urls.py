from django.urls import path

from kindergartens.premises.views import fire, kindergarten, overview, standards

urlpatterns = [
    path("premises/", overview.premises, name="premises"),
    path(
        "premises/<slug:what>/export.<str:ending>", overview.premises_export, name="premises-export"
    ),
    path("premises/fire/", fire.fire_backlog, name="fire-backlog"),
    path("premises/standards/", standards.standards, name="premises-standards"),
    path("premises/standards/new/", standards.standard_new, name="premises-standard-new"),
    path("premises/items/new/", standards.item_new, name="equipment-item-new"),
    path(
        "premises/standards/<slug:kind>/<int:row_id>/end/",
        standards.demand_end,
        name="premises-demand-end",
    ),
    path("premises/sites/<int:site_id>/", kindergarten.site_edit, name="site-edit"),
    path("premises/sites/<int:site_id>/count/", kindergarten.count_own, name="premises-count-own"),
    path(
        "premises/sites/<int:site_id>/count/enter/",
        kindergarten.count_enter,
        name="premises-count-enter",
    ),
    path(
        "premises/counts/<int:count_id>/decide/",
        kindergarten.count_decide,
        name="premises-count-decide",
    ),
    path(
        "kindergartens/<slug:code>/premises/",
        kindergarten.kindergarten_premises,
        name="kindergarten-premises",
    ),
    path(
        "kindergartens/<slug:code>/premises/history/",
        kindergarten.premises_history,
        name="premises-history",
    ),
    path("kindergartens/<slug:code>/premises/sites/new/", kindergarten.site_new, name="site-new"),
    path(
        "kindergartens/<slug:code>/premises/fire/",
        kindergarten.fire_new,
        name="fire-acceptance-new",
    ),
]
