from django.urls import path

from safety.selfchecks.views import area, checking, reading

urlpatterns = [
    path("safety/self-checks/", area.overview, name="self-checks"),
    path("safety/self-checks/export.<str:ending>", area.export, name="self-checks-export"),
    path("safety/self-checks/<int:check_id>/", reading.one, name="self-check"),
    path("safety/self-checks/<int:check_id>/withdraw/", checking.withdraw, name="self-check-withdraw"),
    path("safety/self-checks/photos/<uuid:photo_id>/", reading.photo, name="self-check-photo"),
    path("kindergartens/<slug:code>/self-checks/", reading.of_kindergarten, name="kindergarten-self-checks"),
    path(
        "kindergartens/<slug:code>/self-checks/history/", reading.history,
        name="kindergarten-self-checks-history",
    ),
    path(
        "kindergartens/<slug:code>/self-checks/<str:field>/<str:frequency>/", checking.check,
        name="self-check-new",
    ),
]  # fmt: skip
