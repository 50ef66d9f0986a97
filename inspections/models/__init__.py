from inspections.models.campaign import (
    Campaign,
    CampaignCheck,
    CampaignCircular,
    CampaignHazard,
    CampaignPart,
    CampaignPlace,
)
from inspections.models.rectification import RectificationItem

__all__ = [
    "Campaign",
    "CampaignCheck",
    "CampaignCircular",
    "CampaignHazard",
    "CampaignPart",
    "CampaignPlace",
    "RectificationItem",
]
