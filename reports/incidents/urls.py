from django.urls import path

from reports.incidents import views

urlpatterns = [
    # Before the cases, whose addresses begin like this one.
    path("safety/incidents/returns/", views.returns, name="incident-returns"),
]
