from django.urls import path

from safety.buses import views

ONE = "kindergartens/<slug:code>/buses/"

urlpatterns = [
    path("safety/buses/", views.buses, name="school-buses"),
    path(ONE, views.of_kindergarten, name="kindergarten-buses"),
    path(f"{ONE}history/", views.history, name="school-bus-history"),
    path(f"{ONE}new/", views.bus_new, name="school-bus-new"),
    path("safety/buses/<int:bus_id>/", views.bus_correct, name="school-bus-correct"),
    path("safety/buses/<int:bus_id>/end/", views.bus_end, name="school-bus-end"),
]
