from django.urls import path

from reports.campaign_circulars import views

urlpatterns = [
    path(
        "safety/campaigns/circulars/<int:circular_id>/circular.pdf",
        views.circular_pdf,
        name="campaign-circular-pdf",
    ),
]
