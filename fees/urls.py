from django.urls import path

from fees import views

urlpatterns = [
    path("kindergartens/<slug:code>/fees/", views.kindergarten_fees, name="kindergarten-fees"),
    path("kindergartens/<slug:code>/fees/new/", views.fee_new, name="fee-new"),
    path("kindergartens/<slug:code>/fees/history/", views.fees_history, name="fees-history"),
    path("fees/<int:fee_id>/", views.fee_correct, name="fee-correct"),
    path("fees/<int:fee_id>/end/", views.fee_end, name="fee-end"),
    path("fees/<int:fee_id>/withdraw/", views.fee_withdraw, name="fee-withdraw"),
]
