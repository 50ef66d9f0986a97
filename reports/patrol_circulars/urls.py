from django.urls import path

from reports.patrol_circulars import views

urlpatterns = [
    path(
        "safety/patrols/circulars/<int:circular_id>/circular.pdf",
        views.circular_pdf,
        name="patrol-circular-pdf",
    ),
]
