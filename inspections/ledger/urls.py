from django.urls import path

from inspections.ledger import views

urlpatterns = [
    path("ledger/", views.ledger, name="ledger"),
    path("ledger/take-in/", views.take_in, name="ledger-take-in"),
]
