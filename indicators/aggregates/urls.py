from django.urls import path

from indicators.aggregates import views

urlpatterns = [
    path("aggregates/", views.aggregates, name="aggregates"),
    path("aggregates/export.<str:ending>", views.aggregates_export, name="aggregates-export"),
    path("aggregates/<int:pk>/", views.aggregate, name="aggregate"),
    path("aggregates/<int:pk>/correct/", views.aggregate_correct, name="aggregate-correct"),
    path("aggregates/<int:pk>/withdraw/", views.aggregate_withdraw, name="aggregate-withdraw"),
    path("aggregates/<int:pk>/history/", views.aggregate_history, name="aggregate-history"),
]
