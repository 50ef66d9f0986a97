"""Every permission of the portal, in one list."""

from enum import StrEnum


class Permission(StrEnum):
    # Monthly returns
    FILE_RETURN = "file_return"  # fill in and submit one's own kindergarten's return
    READ_RETURNS = "read_returns"  # read submitted returns in one's area
    REVIEW_RETURNS = "review_returns"  # accept or send back
    # Figures
    READ_FIGURES = "read_figures"  # rates, ratios, their explanation
    EXPORT_FIGURES = "export_figures"
    PRINT_REPORTS = "print_reports"
    # Registers
    READ_REGISTRY = "read_registry"
    EXPORT_REGISTRY = "export_registry"
    # Running the portal
    READ_JOBS = "read_jobs"  # background jobs of one's own
    MANAGE_JOBS = "manage_jobs"  # everyone's background jobs, retry the dead
    READ_GALLERY = "read_gallery"  # the component gallery, for those who maintain the portal
