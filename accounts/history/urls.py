from django.urls import path

from accounts.history import views

urlpatterns = [
    path("people/<int:user_id>/history/", views.account_history, name="account-history"),
    path("audit/", views.acts, name="audit"),
    path("audit/export.<str:ending>", views.acts_export, name="audit-export"),
    path("changes/", views.changes, name="audit-changes"),
    path("changes/export.<str:ending>", views.changes_export, name="audit-changes-export"),
    path("audit/verify/", views.verification, name="audit-verify"),
]
