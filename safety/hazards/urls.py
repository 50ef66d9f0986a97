from django.urls import path

from safety.hazards.views import acts, lists, reporting

urlpatterns = [
    path("hazards/", lists.hazards, name="hazards"),
    path("hazards/export.<str:ending>", lists.export, name="hazards-export"),
    path("hazards/new/", reporting.report_new, name="hazard-new"),
    path("hazards/photos/<uuid:photo_id>/", lists.photo, name="hazard-photo"),
    path("hazards/<str:number>/", lists.detail, name="hazard"),
    path("hazards/<str:number>/history/", lists.history, name="hazard-history"),
    path("hazards/<str:number>/grade/", acts.grade, name="hazard-grade"),
    path("hazards/<str:number>/extend/", acts.extend, name="hazard-extend"),
    path("hazards/<str:number>/stop/", acts.stop, name="hazard-stop"),
    path("hazards/<str:number>/resume/", acts.resume, name="hazard-resume"),
    path("hazards/<str:number>/mend/", acts.mend, name="hazard-mend"),
    path("hazards/<str:number>/recheck/", acts.recheck, name="hazard-recheck"),
    path("hazards/<str:number>/plate/", acts.hang, name="hazard-plate"),
    path("hazards/<str:number>/withdraw/", acts.withdraw, name="hazard-withdraw"),
    path("hazards/<str:number>/delist/", acts.delist, name="hazard-delist"),
]
