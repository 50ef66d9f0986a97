from safety.models.returned import Incident, SafetyAnswer

__all__ = ["Incident", "SafetyAnswer"]
