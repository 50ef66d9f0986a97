from django.urls import path

from fees.catalogue import views

urlpatterns = [path("fees/items/", views.fee_items, name="fee-items")]
