from .facts import KindergartenFacts, RegionFacts
from .policy import Policy, Target

__all__ = ["KindergartenFacts", "Policy", "RegionFacts", "Target"]
