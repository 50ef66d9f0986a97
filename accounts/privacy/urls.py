from django.urls import path

from accounts.privacy import views

urlpatterns = [
    path("me/phone/", views.own_phone, name="own-phone"),
    path("people/<int:user_id>/phone/", views.reveal_phone, name="reveal-phone"),
]
