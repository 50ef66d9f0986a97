from django.urls import path

from reports.disclosure import views

urlpatterns = [path("public/kindergartens/<slug:code>/", views.public_staff, name="public-staff")]
