from safety.models.hazard import Hazard, HazardEvent, HazardPhoto, HazardPlate
from safety.models.patrol import (
    DeviceFault,
    PatrolFinding,
    PatrolLook,
    VideoDevice,
    VideoPatrol,
)
from safety.models.patrol_follow_up import (
    AppraisalRule,
    PatrolCircular,
    PatrolTalk,
    TalkThreshold,
)
from safety.models.returned import Incident, SafetyAnswer

__all__ = [
    "AppraisalRule",
    "DeviceFault",
    "Hazard",
    "HazardEvent",
    "HazardPhoto",
    "HazardPlate",
    "Incident",
    "PatrolCircular",
    "PatrolFinding",
    "PatrolLook",
    "PatrolTalk",
    "SafetyAnswer",
    "TalkThreshold",
    "VideoDevice",
    "VideoPatrol",
]
