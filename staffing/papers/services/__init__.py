from staffing.papers.services.closing import (
    end_contract,
    end_insurance,
    file_contract,
    withdraw_paper,
)
from staffing.papers.services.recording import Batch, main_posts, record_paper, record_papers

__all__ = [
    "Batch",
    "end_contract",
    "end_insurance",
    "file_contract",
    "main_posts",
    "record_paper",
    "record_papers",
    "withdraw_paper",
]
