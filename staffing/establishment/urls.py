from django.urls import path

from staffing.establishment import views

urlpatterns = [
    path("staffing/posts-and-pay/", views.overview, name="posts-and-pay"),
    path(
        "kindergartens/<slug:code>/posts-and-pay/", views.of_kindergarten,
        name="kindergarten-posts-and-pay",
    ),
    path(
        "kindergartens/<slug:code>/posts-and-pay/history/", views.history,
        name="kindergarten-posts-and-pay-history",
    ),
    path("kindergartens/<slug:code>/pay/<int:year>/", views.pay_edit, name="kindergarten-pay"),
    path("kindergartens/<slug:code>/quota/new/", views.quota_new, name="post-quota-new"),
    path("staffing/quotas/<int:quota_id>/withdraw/", views.quota_withdraw, name="post-quota-withdraw"),
]  # fmt: skip
