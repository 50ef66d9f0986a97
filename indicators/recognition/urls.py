from django.urls import path

from indicators.recognition import views

urlpatterns = [
    path("recognition/", views.surveys, name="recognition"),
    path("recognition/new/", views.survey_new, name="recognition-new"),
    path("recognition/history/", views.survey_history, name="recognition-history"),
    path("recognition/<int:pk>/correct/", views.survey_correct, name="recognition-correct"),
    path("recognition/<int:pk>/withdraw/", views.survey_withdraw, name="recognition-withdraw"),
]
