from django.urls import path

from reports.hazard_slips import views

urlpatterns = [
    path("hazards/<str:number>/slip.pdf", views.slip, name="hazard-slip"),
    path("hazards/<str:number>/delisting.pdf", views.delisting, name="hazard-delisting"),
]
