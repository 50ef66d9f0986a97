from .aggregate import AggregateReturn
from .facts import KindergartenFacts, RegionFacts
from .policy import Policy, Target
from .runs import FigureDrift, RecomputeRun

__all__ = [
    "AggregateReturn",
    "FigureDrift",
    "KindergartenFacts",
    "Policy",
    "RecomputeRun",
    "RegionFacts",
    "Target",
]
