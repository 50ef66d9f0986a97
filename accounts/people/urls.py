from django.urls import path

from accounts.people.views import approvals, batches, deputies, people, requests, roles

urlpatterns = [
    path("people/", people.people_list, name="people"),
    path("people/<int:user_id>/", people.person, name="person"),
    path("people/<int:user_id>/disable/", people.person_disable, name="person-disable"),
    path("people/<int:user_id>/enable/", people.person_enable, name="person-enable"),
    path("people/<int:user_id>/password/", people.person_password, name="person-password"),
    path("people/<int:user_id>/unlock/", people.person_unlock, name="person-unlock"),
    path(
        "people/<int:user_id>/second-factor/",
        people.person_second_factor,
        name="person-second-factor",
    ),
    path("people/<int:user_id>/sign-out/", people.person_sign_out, name="person-sign-out"),
    path("posts/<int:post_id>/hand-over/", people.hand_over, name="post-hand-over"),
    path("account-requests/", requests.account_requests, name="account-requests"),
    path("account-requests/new/", requests.account_request_new, name="account-request-new"),
    path(
        "account-requests/<int:request_id>/withdraw/",
        requests.account_request_withdraw,
        name="account-request-withdraw",
    ),
    path("account-requests/workbook/", batches.batch_upload, name="account-batch-upload"),
    path(
        "account-requests/workbook/template.xlsx",
        batches.batch_template,
        name="account-batch-template",
    ),
    path("account-requests/workbook/<uuid:batch_id>/", batches.batch_detail, name="account-batch"),
    path(
        "account-requests/workbook/<uuid:batch_id>/confirm/",
        batches.batch_confirm,
        name="account-batch-confirm",
    ),
    path(
        "account-approvals/kindergartens/",
        approvals.kindergarten_accounts,
        name="kindergarten-accounts",
    ),
    path(
        "account-approvals/kindergartens/decide/",
        approvals.kindergarten_accounts_decide,
        name="kindergarten-accounts-decide",
    ),
    path("account-approvals/offices/", approvals.office_accounts, name="office-accounts"),
    path(
        "account-approvals/offices/decide/",
        approvals.office_accounts_decide,
        name="office-accounts-decide",
    ),
    path("deputies/", deputies.deputy_list, name="deputies"),
    path("deputies/<int:deputy_id>/end/", deputies.deputy_end, name="deputy-end"),
    path("roles/", roles.roles, name="roles"),
]
