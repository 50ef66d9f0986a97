from django.urls import path

from kindergartens.calendar import views
from kindergartens.calendar.pre_review import pre_review_rule

urlpatterns = [
    path("periods/", views.period_list, name="periods"),
    path("periods/open/", views.period_open, name="period-open"),
    path("periods/rule/", views.period_rule, name="period-rule"),
    path("periods/pre-review/", pre_review_rule, name="pre-review-rule"),
    path("periods/history/", views.period_history, name="period-history"),
    path("periods/<int:period_id>/", views.period_detail, name="period"),
    path("periods/<int:period_id>/edit/", views.period_edit, name="period-edit"),
    path("periods/<int:period_id>/extend/<slug:code>/", views.period_extend, name="period-extend"),
    path(
        "periods/requests/<int:request_id>/refuse/",
        views.extension_refuse,
        name="extension-refuse",
    ),
    path(
        "periods/extensions/<int:extension_id>/revoke/",
        views.extension_revoke,
        name="extension-revoke",
    ),
]
