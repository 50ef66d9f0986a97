from django.urls import path

from fees.local_list import views

urlpatterns = [
    path("fees/local-list/", views.local_list, name="local-fees"),
    path("fees/local-list/history/", views.local_history, name="local-fees-history"),
    path("fees/local-list/new/", views.local_new, name="local-fee-new"),
    path("fees/local-list/<int:row_id>/", views.local_correct, name="local-fee-correct"),
    path("fees/local-list/<int:row_id>/end/", views.local_end, name="local-fee-end"),
]
