from django.urls import path

from safety.patrols.views import circulars, devices, patrols, settings, talks_and_appraisals

urlpatterns = [
    path("safety/patrols/", patrols.patrols, name="video-patrols"),
    path("safety/patrols/new/", patrols.patrol_new, name="video-patrol-new"),
    path("safety/patrols/<int:patrol_id>/", patrols.patrol, name="video-patrol"),
    path(
        "safety/patrols/<int:patrol_id>/withdraw/", patrols.patrol_withdraw,
        name="video-patrol-withdraw",
    ),
    path(
        "safety/patrols/findings/<int:finding_id>/hazard/", patrols.finding_hazard,
        name="patrol-finding-hazard",
    ),
    path("safety/patrols/devices/", devices.devices, name="video-devices"),
    path(
        "safety/patrols/devices/<int:device_id>/", devices.device_correct,
        name="video-device-correct",
    ),
    path(
        "safety/patrols/devices/<int:device_id>/end/", devices.device_end, name="video-device-end"
    ),
    path("kindergartens/<slug:code>/cameras/", devices.of_kindergarten, name="kindergarten-cameras"),
    path(
        "kindergartens/<slug:code>/cameras/history/", devices.history,
        name="kindergarten-cameras-history",
    ),
    path("kindergartens/<slug:code>/cameras/new/", devices.device_new, name="video-device-new"),
    path("safety/patrols/circulars/", circulars.circulars, name="patrol-circulars"),
    path("safety/patrols/weeks/<str:day>/", circulars.week, name="patrol-week"),
    path(
        "safety/patrols/circulars/<int:circular_id>/", circulars.circular, name="patrol-circular"
    ),
    path("safety/patrols/talks/", talks_and_appraisals.talks, name="patrol-talks"),
    path(
        "kindergartens/<slug:code>/patrol-talks/<str:month>/", talks_and_appraisals.talk_new,
        name="patrol-talk-new",
    ),
    path(
        "safety/patrols/talks/<int:talk_id>/withdraw/", talks_and_appraisals.talk_withdraw,
        name="patrol-talk-withdraw",
    ),
    path("safety/patrols/appraisals/", talks_and_appraisals.appraisals, name="patrol-appraisals"),
    path(
        "kindergartens/<slug:code>/patrol-appraisals/<int:year>/", talks_and_appraisals.appraisal,
        name="patrol-appraisal",
    ),
    path("safety/patrols/settings/", settings.settings, name="patrol-settings"),
    path(
        "safety/patrols/settings/history/", settings.settings_history,
        name="patrol-settings-history",
    ),
    path("safety/patrols/settings/<str:kind>/new/", settings.setting_new, name="patrol-setting-new"),
    path(
        "safety/patrols/settings/<str:kind>/<int:setting_id>/", settings.setting_correct,
        name="patrol-setting-correct",
    ),
    path(
        "safety/patrols/settings/<str:kind>/<int:setting_id>/end/", settings.setting_end,
        name="patrol-setting-end",
    ),
]  # fmt: skip
