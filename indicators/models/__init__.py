from .aggregate import AggregateReturn
from .facts import KindergartenFacts, RegionFacts
from .policy import Policy, Target

__all__ = ["AggregateReturn", "KindergartenFacts", "Policy", "RegionFacts", "Target"]
