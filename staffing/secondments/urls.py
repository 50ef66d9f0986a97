from django.urls import path

from staffing.secondments import views

urlpatterns = [
    path("staff/secondments/", views.secondments, name="secondments"),
    path("staff/posts/<int:appointment_id>/send/", views.send, name="secondment-new"),
    path("staff/secondments/<int:secondment_id>/back/", views.bring_back, name="secondment-back"),
    path(
        "staff/secondments/<int:secondment_id>/withdraw/", views.withdraw,
        name="secondment-withdraw",
    ),
]  # fmt: skip
