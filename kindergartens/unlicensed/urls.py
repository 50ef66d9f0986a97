from django.urls import path

from kindergartens.unlicensed import views

urlpatterns = [
    path("unlicensed/", views.roster_list, name="unlicensed-list"),
    path("unlicensed/export.<str:ending>", views.roster_export, name="unlicensed-export"),
    path("unlicensed/new/", views.report_new, name="unlicensed-new"),
    path("unlicensed/<int:place_id>/", views.detail, name="unlicensed"),
    path("unlicensed/<int:place_id>/edit/", views.edit, name="unlicensed-edit"),
    path("unlicensed/<int:place_id>/check/", views.check, name="unlicensed-check"),
    path("unlicensed/<int:place_id>/route/", views.decide_route, name="unlicensed-route"),
    path("unlicensed/<int:place_id>/children/", views.place_children, name="unlicensed-place"),
    path("unlicensed/<int:place_id>/close/", views.close, name="unlicensed-close"),
    path("unlicensed/<int:place_id>/history/", views.place_history, name="unlicensed-history"),
    path(
        "unlicensed/checks/<int:row_id>/withdraw/",
        views.withdraw_check,
        name="unlicensed-check-withdraw",
    ),
    path(
        "unlicensed/children/<int:row_id>/withdraw/",
        views.withdraw_placement,
        name="unlicensed-placement-withdraw",
    ),
    path("unlicensed/documents/<uuid:document_id>/", views.document, name="unlicensed-document"),
]
