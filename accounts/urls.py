from django.urls import include, path

from accounts import views
from accounts.sign_in import urls as sign_in

urlpatterns = [
    *sign_in.urlpatterns,
    path("acting/", views.choose_post, name="choose-post"),
    path("acting/ended/", views.post_ended, name="post-ended"),
    path("healthz", views.health, name="health"),
    path("", include("accounts.releases.urls")),
    path("", include("accounts.people.urls")),
    path("", include("accounts.privacy.urls")),
    path("", include("accounts.history.urls")),
    path("imports/", include("accounts.exchange.urls")),
    path("notices/", include("accounts.notices.urls")),
    path("api-tokens/", include("accounts.tokens.urls")),
    path("jobs/", include("accounts.jobs.urls")),
    path("", include("accounts.hardening.urls")),
]
