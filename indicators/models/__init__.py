from .aggregate import AggregateReturn
from .facts import KindergartenFacts
from .policy import Policy, Target
from .publication import Publication, PublicationDraft, PublicationKind
from .recognition import RecognitionSurvey
from .region_facts import RegionFacts
from .runs import FigureDrift, RecomputeRun

__all__ = [
    "AggregateReturn",
    "FigureDrift",
    "KindergartenFacts",
    "Policy",
    "Publication",
    "PublicationDraft",
    "PublicationKind",
    "RecognitionSurvey",
    "RecomputeRun",
    "RegionFacts",
    "Target",
]
