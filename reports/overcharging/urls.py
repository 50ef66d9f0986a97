from django.urls import path

from reports.overcharging.views import region, repaid

ONE = "kindergartens/<slug:code>/overcharged/"

urlpatterns = [
    path("fees/overcharging/", region.overcharging, name="overcharging"),
    path("fees/overcharging/<slug:code>/", region.overcharging, name="overcharging-region"),
    path(
        "fees/overcharging/<slug:code>/export.<str:ending>",
        region.overcharging_export,
        name="overcharging-export",
    ),
    path("fees/overcharged/", repaid.own, name="own-overcharged"),
    path(ONE, repaid.of_kindergarten, name="kindergarten-overcharged"),
    path(f"{ONE}history/", repaid.history, name="overcharged-history"),
    path(f"{ONE}<int:charge_id>/repaid/", repaid.repayment_new, name="repayment-new"),
    path(
        "fees/repayments/<int:repayment_id>/withdraw/",
        repaid.repayment_withdraw,
        name="repayment-withdraw",
    ),
]
