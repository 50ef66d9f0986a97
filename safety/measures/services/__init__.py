from safety.measures.services.evidence import (
    EvidenceFacts,
    decide_evidence,
    end_evidence,
    record_evidence,
    withdraw_evidence,
)
from safety.measures.services.lists import MEASURE, begin_list, set_measure

__all__ = [
    "MEASURE",
    "EvidenceFacts",
    "begin_list",
    "decide_evidence",
    "end_evidence",
    "record_evidence",
    "set_measure",
    "withdraw_evidence",
]
