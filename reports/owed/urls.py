from django.urls import path

from reports.owed import views

urlpatterns = [
    path("owed/", views.owed, name="procedures-owed"),
]
