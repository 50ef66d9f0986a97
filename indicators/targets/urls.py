from django.urls import path

from indicators.targets.views import keeping, reading

urlpatterns = [
    path("policies/", reading.policies, name="policies"),
    path("policies/matrix/", reading.matrix, name="policy-matrix"),
    path("policies/new/", keeping.policy_new, name="policy-new"),
    path("policies/<int:policy_id>/", reading.policy, name="policy"),
    path("policies/<int:policy_id>/correct/", keeping.policy_correct, name="policy-correct"),
    path("policies/<int:policy_id>/end/", keeping.policy_end, name="policy-end"),
    path("policies/<int:policy_id>/targets/new/", keeping.target_new, name="target-new"),
    path(
        "policies/targets/<int:target_id>/correct/", keeping.target_correct, name="target-correct"
    ),
    path("policies/targets/<int:target_id>/end/", keeping.target_end, name="target-end"),
]
