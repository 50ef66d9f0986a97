from django.urls import path

from fees.ceilings import views

urlpatterns = [
    path("fees/ceilings/", views.ceilings, name="fee-ceilings"),
    path("fees/ceilings/history/", views.ceilings_history, name="fee-ceilings-history"),
    path("fees/ceilings/new/", views.ceiling_new, name="fee-ceiling-new"),
    path("fees/ceilings/<int:ceiling_id>/", views.ceiling_correct, name="fee-ceiling-correct"),
    path("fees/ceilings/<int:ceiling_id>/end/", views.ceiling_end, name="fee-ceiling-end"),
]
