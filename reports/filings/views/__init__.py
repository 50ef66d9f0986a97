from .attachments import attach_file, download_attachment
from .comparison import compare_versions
from .director import edit_filing, my_filings, open_filing, withdraw_filing
from .extension import ask_extension
from .officer import accept_filing, filing_queue, return_filing, review_filing
from .town import pre_review_filing
from .version import filing_history, filing_version
from .workbook import filing_workbook

__all__ = [
    "accept_filing",
    "ask_extension",
    "attach_file",
    "compare_versions",
    "download_attachment",
    "edit_filing",
    "filing_history",
    "filing_queue",
    "filing_version",
    "filing_workbook",
    "my_filings",
    "open_filing",
    "pre_review_filing",
    "return_filing",
    "review_filing",
    "withdraw_filing",
]
