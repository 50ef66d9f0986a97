from django.urls import path

from safety.upkeep import views

urlpatterns = [
    path("safety/upkeep/", views.overview, name="upkeep"),
    path("safety/upkeep/export.<str:ending>", views.export, name="upkeep-export"),
    path("safety/upkeep/<str:kind>/<int:pk>/withdraw/", views.withdraw, name="upkeep-withdraw"),
    path("kindergartens/<slug:code>/upkeep/", views.of_kindergarten, name="kindergarten-upkeep"),
    path("kindergartens/<slug:code>/upkeep/history/", views.history, name="kindergarten-upkeep-history"),
    path("kindergartens/<slug:code>/upkeep/<str:kind>/new/", views.new, name="upkeep-new"),
]  # fmt: skip
