from django.urls import path

from reports.mirror import views

urlpatterns = [path("mirror/", views.mirror, name="mirror")]
