from django.urls import path

from fees.free_year.views import claims, deciding, standards

OF_KINDERGARTEN = "kindergartens/<slug:code>/free-year/"
STANDARDS = "fees/free-year-standards/"
CLAIM = "fees/free-year-claims/<int:claim_id>/"

urlpatterns = [
    path(STANDARDS, standards.standards, name="free-year-standards"),
    path(
        f"{STANDARDS}history/",
        standards.standards_history,
        name="free-year-standards-history",
    ),
    path(f"{STANDARDS}new/", standards.standard_new, name="free-year-standard-new"),
    path(
        f"{STANDARDS}<int:standard_id>/",
        standards.standard_correct,
        name="free-year-standard-correct",
    ),
    path(
        f"{STANDARDS}<int:standard_id>/end/",
        standards.standard_end,
        name="free-year-standard-end",
    ),
    path("free-year/", claims.own_free_year, name="own-free-year"),
    path(OF_KINDERGARTEN, claims.kindergarten_free_year, name="kindergarten-free-year"),
    path(f"{OF_KINDERGARTEN}history/", claims.free_year_history, name="free-year-history"),
    path(
        f"{OF_KINDERGARTEN}<slug:month>/",
        claims.kindergarten_month,
        name="kindergarten-free-year-month",
    ),
    path(f"{OF_KINDERGARTEN}<slug:month>/file/", claims.claim_file, name="subsidy-claim-file"),
    path(f"{CLAIM}withdraw/", claims.claim_withdraw, name="subsidy-claim-withdraw"),
    path(f"{CLAIM}return/", deciding.claim_return, name="subsidy-claim-return"),
    path(f"{CLAIM}approve/", deciding.claim_approve, name="subsidy-claim-approve"),
    path(f"{CLAIM}pay/", deciding.claim_pay, name="subsidy-claim-pay"),
    path(
        "fees/free-year-payments/<int:payment_id>/withdraw/",
        deciding.payment_withdraw,
        name="subsidy-payment-withdraw",
    ),
]
