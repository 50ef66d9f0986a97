from django.urls import path

from fees.funding.views import of_one, standards

ONE = "kindergartens/<slug:code>/funding"
urlpatterns = [
    path("fees/funding-standards/", standards.listed, name="funding-standards"),
    path("fees/funding-standards/history/", standards.history, name="funding-standards-history"),
    path("fees/funding-standards/new/", standards.new, name="funding-standard-new"),
    path(
        "fees/funding-standards/<int:standard_id>/", standards.correct,
        name="funding-standard-correct",
    ),
    path(
        "fees/funding-standards/<int:standard_id>/end/", standards.end,
        name="funding-standard-end",
    ),
    path(f"{ONE}/", of_one.page, name="kindergarten-funding"),
    path(f"{ONE}/history/", of_one.history, name="kindergarten-funding-history"),
    path(f"{ONE}/payments/new/", of_one.payment_new, name="funding-payment-new"),
    path(
        "fees/funding-payments/<int:payment_id>/withdraw/", of_one.payment_withdraw,
        name="funding-payment-withdraw",
    ),
    path(f"{ONE}/aid/<int:year>/<slug:half>/", of_one.aid_edit, name="kindergarten-aid"),
]  # fmt: skip
