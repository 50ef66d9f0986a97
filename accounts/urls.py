from django.contrib.auth.views import LogoutView
from django.urls import include, path

from accounts import views

urlpatterns = [
    path("login/", views.PortalLoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("acting/", views.choose_post, name="choose-post"),
    path("healthz", views.health, name="health"),
    path("", include("accounts.history.urls")),
    path("jobs/", include("accounts.jobs.urls")),
]
