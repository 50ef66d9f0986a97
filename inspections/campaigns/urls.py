from django.urls import path

from inspections.campaigns.views import acts, pages

ONE = "safety/campaigns/<int:campaign_id>/"
CHECK = f"{ONE}checks/<int:part_id>-<int:place_id>/"

urlpatterns = [
    path("safety/campaigns/", pages.campaigns, name="campaigns"),
    path("safety/campaigns/new/", acts.new, name="campaign-new"),
    path(ONE, pages.campaign, name="campaign"),
    path(f"{ONE}export.<str:ending>", pages.export, name="campaign-export"),
    path(f"{ONE}history/", pages.history, name="campaign-history"),
    path(f"{ONE}correct/", acts.correct, name="campaign-correct"),
    path(f"{ONE}withdraw/", acts.withdraw, name="campaign-withdraw"),
    path(f"{ONE}departments/new/", acts.part_new, name="campaign-part-new"),
    path(f"{ONE}departments/<int:part_id>/", acts.part_change, name="campaign-part"),
    path(f"{ONE}places/new/", acts.place_new, name="campaign-place-new"),
    path(f"{ONE}places/<int:place_id>/remove/", acts.place_remove, name="campaign-place-remove"),
    path(CHECK, acts.check, name="campaign-check"),
    path(f"{CHECK}hazards/", acts.hazard, name="campaign-hazard"),
    path(f"{ONE}circular/", acts.issue, name="campaign-issue"),
]
