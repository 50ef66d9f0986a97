from django.urls import path

from accounts.notices import views

urlpatterns = [
    path("", views.notice_list, name="notices"),
    path("read/", views.notices_read, name="notices-read"),
    path("<int:notice_id>/open/", views.notice_open, name="notice-open"),
    path("mailbox/", views.notice_mailbox, name="notice-mailbox"),
]
