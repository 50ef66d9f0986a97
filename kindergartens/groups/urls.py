from django.urls import path

from kindergartens.groups import views

urlpatterns = [
    path("groups/", views.group_list, name="group-list"),
    path("groups/new/", views.group_new, name="group-new"),
    path("groups/<int:group_id>/", views.group_detail, name="group"),
    path("groups/<int:group_id>/edit/", views.group_edit, name="group-edit"),
    path("groups/<int:group_id>/members/", views.group_take_in, name="group-take-in"),
    path("groups/<int:group_id>/dissolve/", views.group_dissolve, name="group-dissolve"),
    path("groups/members/<int:member_id>/end/", views.member_end, name="group-member-end"),
    path("groups/<int:group_id>/history/", views.group_history, name="group-history"),
]
