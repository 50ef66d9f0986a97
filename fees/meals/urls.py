from django.urls import path

from fees.meals.views import accounts, area, standards

OF_TERM = "kindergartens/<slug:code>/meals/<int:year>-<slug:season>/"

urlpatterns = [
    path("fees/meals/", area.overview, name="meals"),
    path("fees/meals/export.<str:ending>", area.export, name="meals-export"),
    path("fees/meals/standards/", standards.listed, name="meal-standards"),
    path("fees/meals/standards/history/", standards.history, name="meal-standards-history"),
    path("fees/meals/standards/<slug:kind>/new/", standards.new, name="meal-standard-new"),
    path(
        "fees/meals/standards/<slug:kind>/<int:pk>/", standards.correct,
        name="meal-standard-correct",
    ),
    path(
        "fees/meals/standards/<slug:kind>/<int:pk>/end/", standards.end, name="meal-standard-end"
    ),
    path("kindergartens/<slug:code>/meals/", accounts.terms, name="kindergarten-meals"),
    path(
        "kindergartens/<slug:code>/meals/history/", accounts.history,
        name="kindergarten-meals-history",
    ),
    path(OF_TERM, accounts.term_account, name="meal-account"),
    path(f"{OF_TERM}opening/", accounts.opening, name="meal-opening"),
    path(f"{OF_TERM}entries/<slug:month>/", accounts.entry, name="meal-entry"),
    path(f"{OF_TERM}submit/", accounts.submit, name="meal-submit"),
    path(f"{OF_TERM}accept/", accounts.accept, name="meal-accept"),
    path(f"{OF_TERM}return/", accounts.give_back, name="meal-return"),
]  # fmt: skip
