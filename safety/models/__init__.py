from safety.models.bus import SchoolBus
from safety.models.evidence import MeasureDocument, MeasureEvidence
from safety.models.hazard import Hazard, HazardEvent, HazardPhoto, HazardPlate
from safety.models.incident_case import IncidentCase, IncidentFinding, IncidentReport
from safety.models.incident_limit import IncidentLimit
from safety.models.measure import SafetyMeasure
from safety.models.patrol import DeviceFault, PatrolFinding, PatrolLook, VideoDevice, VideoPatrol
from safety.models.patrol_follow_up import AppraisalRule, PatrolCircular, PatrolTalk, TalkThreshold
from safety.models.returned import Incident, SafetyAnswer
from safety.models.selfcheck import SelfCheck, SelfCheckPhoto, SelfCheckProblem
from safety.models.upkeep import Drill, KitchenLicence, LiabilityPolicy, SafetyTraining

__all__ = [
    "AppraisalRule",
    "DeviceFault",
    "Drill",
    "Hazard",
    "HazardEvent",
    "HazardPhoto",
    "HazardPlate",
    "Incident",
    "IncidentCase",
    "IncidentFinding",
    "IncidentLimit",
    "IncidentReport",
    "KitchenLicence",
    "LiabilityPolicy",
    "MeasureDocument",
    "MeasureEvidence",
    "PatrolCircular",
    "PatrolFinding",
    "PatrolLook",
    "PatrolTalk",
    "SafetyAnswer",
    "SafetyMeasure",
    "SafetyTraining",
    "SchoolBus",
    "SelfCheck",
    "SelfCheckPhoto",
    "SelfCheckProblem",
    "TalkThreshold",
    "VideoDevice",
    "VideoPatrol",
]
