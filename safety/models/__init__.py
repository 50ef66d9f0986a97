from safety.models.hazard import Hazard, HazardEvent, HazardPhoto, HazardPlate
from safety.models.returned import Incident, SafetyAnswer

__all__ = ["Hazard", "HazardEvent", "HazardPhoto", "HazardPlate", "Incident", "SafetyAnswer"]
