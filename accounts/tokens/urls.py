from django.urls import path

from accounts.tokens import views

urlpatterns = [
    path("", views.token_list, name="api-tokens"),
    path("new/", views.token_new, name="api-token-new"),
    path("<int:token_id>/revoke/", views.token_revoke, name="api-token-revoke"),
    path("<int:token_id>/history/", views.token_history, name="api-token-history"),
]
