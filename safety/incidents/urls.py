from django.urls import path

from safety.incidents.views import acts, cases, limits

ONE = "safety/incidents/<slug:number>/"

urlpatterns = [
    path("safety/incidents/", cases.incidents, name="incidents"),
    path("safety/incidents/export.<str:ending>", cases.export, name="incidents-export"),
    path("safety/incidents/new/", acts.case_new, name="incident-new"),
    path("safety/incidents/limits/", limits.listed, name="incident-limits"),
    path("safety/incidents/limits/history/", limits.history, name="incident-limits-history"),
    path("safety/incidents/limits/new/", limits.new, name="incident-limit-new"),
    path("safety/incidents/limits/<int:pk>/", limits.correct, name="incident-limit-correct"),
    path("safety/incidents/limits/<int:pk>/end/", limits.end, name="incident-limit-end"),
    path(
        "safety/incidents/findings/<int:finding_id>/withdraw/",
        acts.finding_withdraw,
        name="incident-finding-withdraw",
    ),
    path(ONE, cases.case, name="incident"),
    path(f"{ONE}correct/", acts.case_correct, name="incident-correct"),
    path(f"{ONE}report/", acts.report, name="incident-report"),
    path(f"{ONE}close/", acts.close, name="incident-close"),
    path(f"{ONE}supplement/", acts.supplement, name="incident-supplement"),
    path(f"{ONE}withdraw/", acts.withdraw, name="incident-withdraw"),
    path(f"{ONE}findings/new/", acts.finding_new, name="incident-finding-new"),
    path(f"{ONE}history/", cases.history, name="incident-history"),
]
