from django.urls import path

from reports.filings.board import views

urlpatterns = [
    path("progress/", views.filing_board, name="filing-board"),
    path("progress/export.<str:ending>", views.filing_board_export, name="filing-board-export"),
    path("progress/urge/", views.filing_urge, name="filing-urge"),
    path("progress/urges/", views.filing_urges, name="filing-urges"),
    path("progress/urges/again/", views.urges_again, name="filing-urges-again"),
    path("together/", views.accept_plain, name="filings-accept"),
    path("together/<uuid:job_id>/", views.filings_accepted, name="filings-accepted"),
    path("follow-ups/", views.follow_ups, name="follow-ups"),
    path("follow-ups/<int:follow_up_id>/close/", views.follow_up_close, name="follow-up-close"),
    path("<int:filing_id>/follow-up/", views.follow_up_open, name="follow-up-open"),
]
