from django.urls import path

from fees.refunds import views

urlpatterns = [
    path("fees/refunds/", views.listed, name="refund-rules"),
    path("fees/refunds/history/", views.history, name="refund-rules-history"),
    path("fees/refunds/new/", views.new, name="refund-rule-new"),
    path("fees/refunds/<int:pk>/", views.correct, name="refund-rule-correct"),
    path("fees/refunds/<int:pk>/end/", views.end, name="refund-rule-end"),
    path("kindergartens/<slug:code>/refund/", views.calculator, name="refund-calculator"),
]
