from django.urls import include, path

from kindergartens import views

urlpatterns = [
    path("", include("kindergartens.changes.urls")),
    path("", include("kindergartens.groups.urls")),
    path("", include("kindergartens.unlicensed.urls")),
    path("", include("kindergartens.procedures.urls")),
    path("population/", include("kindergartens.population.urls")),
    path("kindergartens/periods/history/", views.period_history, name="period-history"),
    path("", include("kindergartens.search.urls")),
    # Last: a code could be any word.
    path("", include("kindergartens.record.urls")),
]
