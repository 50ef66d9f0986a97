from .accepting import accept_plain, filings_accepted
from .board import filing_board, filing_board_export, filing_urge
from .following import follow_up_close, follow_up_open, follow_ups
from .urges import filing_urges, urges_again

__all__ = [
    "accept_plain",
    "filing_board",
    "filing_board_export",
    "filing_urge",
    "filing_urges",
    "filings_accepted",
    "follow_up_close",
    "follow_up_open",
    "follow_ups",
    "urges_again",
]
