from django.urls import path

from reports.hazard_slips import views

urlpatterns = [path("hazards/<str:number>/<str:kind>.pdf", views.slip, name="hazard-slip")]
