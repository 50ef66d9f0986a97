from django.urls import path

from accounts.hardening import views

urlpatterns = [path("csp-report/", views.csp_report, name="csp-report")]
