from django.urls import include, path

urlpatterns = [
    path("", include("kindergartens.changes.urls")),
    path("", include("kindergartens.groups.urls")),
    path("", include("kindergartens.unlicensed.urls")),
    path("", include("kindergartens.procedures.urls")),
    path("population/", include("kindergartens.population.urls")),
    path("", include("kindergartens.calendar.urls")),
    path("", include("kindergartens.search.urls")),
    # Last: a code could be any word.
    path("", include("kindergartens.record.urls")),
]
