from django.urls import path

from staffing.roster.views import certificates, lists, people, posts

urlpatterns = [
    path("staff/", lists.staff_list, name="staff"),
    path("staff/export.<str:ending>", lists.staff_export, name="staff-export"),
    path("kindergartens/<slug:code>/staff/", lists.kindergarten_staff, name="kindergarten-staff"),
    path("kindergartens/<slug:code>/staff/new/", posts.staff_hire, name="staff-hire"),
    path("staff/<int:person_id>/", people.staff_member, name="staff-member"),
    path("staff/<int:person_id>/correct/", people.staff_correct, name="staff-correct"),
    path("staff/<int:person_id>/number/", people.staff_number, name="staff-number"),
    path("staff/<int:person_id>/history/", people.staff_history, name="staff-history"),
    path(
        "staff/<int:person_id>/certificates/new/", certificates.certificate_new,
        name="certificate-new",
    ),
    path(
        "staff/certificates/<int:certificate_id>/withdraw/", certificates.certificate_withdraw,
        name="certificate-withdraw",
    ),
    path("staff/posts/<int:appointment_id>/", posts.post_correct, name="post-correct"),
    path("staff/posts/<int:appointment_id>/end/", posts.post_end, name="post-end"),
    path("staff/posts/<int:appointment_id>/transfer/", posts.post_transfer, name="post-transfer"),
    path("staff/posts/<int:appointment_id>/withdraw/", posts.post_withdraw, name="post-withdraw"),
]  # fmt: skip
