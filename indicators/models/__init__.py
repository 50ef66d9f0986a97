from .facts import KindergartenFacts, RegionFacts
from .policy import Policy, Target
from .runs import FigureDrift, RecomputeRun

__all__ = ["FigureDrift", "KindergartenFacts", "Policy", "RecomputeRun", "RegionFacts", "Target"]
