from django.urls import path

from accounts.sign_in import kept_views, views

urlpatterns = [
    path("login/", views.sign_in, name="login"),
    path("login/code/", views.sign_in_code, name="sign-in-code"),
    path("login/again/", views.authenticate_again, name="authenticate-again"),
    path("logout/", views.sign_out, name="logout"),
    path("session/", views.session_state, name="session-state"),
    path("account/", views.account_security, name="account-security"),
    path("account/password/", views.change_password, name="change-password"),
    path("account/second-factor/", views.set_up_second_factor, name="second-factor"),
    path("account/second-factor/codes/", views.new_recovery_codes, name="recovery-codes"),
    path("account/second-factor/off/", views.switch_off_second_factor, name="second-factor-off"),
    path("account/kept/", kept_views.kept_input, name="kept-input"),
    path("account/kept/discard/", kept_views.discard_kept_input, name="kept-input-discard"),
    path("account/sessions/end/", views.end_own_session, name="end-session"),
]
