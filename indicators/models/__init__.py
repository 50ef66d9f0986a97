from .aggregate import AggregateReturn
from .facts import KindergartenFacts, RegionFacts
from .policy import Policy, Target
from .publication import Publication, PublicationDraft, PublicationKind
from .runs import FigureDrift, RecomputeRun

__all__ = [
    "AggregateReturn",
    "FigureDrift",
    "KindergartenFacts",
    "Policy",
    "Publication",
    "PublicationDraft",
    "PublicationKind",
    "RecomputeRun",
    "RegionFacts",
    "Target",
]
