from django.urls import path

from staffing.barred import views

urlpatterns = [
    path("staff/bans/", views.bans, name="employment-bans"),
    path("staff/bans/new/", views.ban_new, name="employment-ban-new"),
    path("staff/bans/<int:ban_id>/", views.ban, name="employment-ban"),
    path("staff/bans/<int:ban_id>/lift/", views.ban_lift, name="employment-ban-lift"),
]
