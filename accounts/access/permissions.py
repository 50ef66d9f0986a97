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
    # Accounts and posts
    REQUEST_ACCOUNTS = "request_accounts"  # ask for an account in one's own place
    APPROVE_KINDERGARTEN_ACCOUNTS = "approve_kindergarten_accounts"  # of the own county
    APPROVE_OFFICE_ACCOUNTS = "approve_office_accounts"  # of bureaus, town offices, departments
    MANAGE_ACCOUNTS = "manage_accounts"  # unlock, disable, end sessions, reset the second factor
    NAME_DEPUTY = "name_deputy"  # let a colleague act in one's post for some days
    HAND_OVER_POSTS = "hand_over_posts"  # end one person's post and begin the next one's
    # Personal data
    REVEAL_PERSONAL_DATA = "reveal_personal_data"  # see an identifier whole, with a reason
    APPROVE_EXPORTS = "approve_exports"  # let another person's export of many persons go
    # History
    READ_HISTORY = "read_history"  # who changed what on the objects one may see
    READ_AUDIT = "read_audit"  # sign-ins, prints, exports and changes, without business pages
    # Running the portal
    READ_JOBS = "read_jobs"  # background jobs of one's own
    MANAGE_JOBS = "manage_jobs"  # everyone's background jobs, retry the dead
    READ_GALLERY = "read_gallery"  # the component gallery, for those who maintain the portal
