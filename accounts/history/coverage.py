"""Models of libraries, which carry no decorator of ours, and why their rows need no history."""

NOT_OURS: dict[str, str] = {
    # Failed sign-ins are counted only as long as a lock may follow from them. Each one, each lock
    # and each unlocking is an access record (accounts.sign_in.entry, accounts.sign_in.lockout).
    "axes.AccessAttempt": "counter of failures at an address; each failure is an access record",
    "axes.AccessAttemptExpiration": "not used: a lock ends by its age (AXES_COOLOFF_TIME)",
    "axes.AccessFailureLog": "failures of the last hour; each failure is an access record",
    "axes.AccessLog": "not used (AXES_DISABLE_ACCESS_LOG): signing in and out are access records",
    # A row changes at every code. Whose it is and its key are AuthenticatorKey, which has history;
    # that a person's second factor was switched on or off is history of the account
    # (User.second_factor_at); binding, using and resetting it are access records.
    "otp_totp.TOTPDevice": "counters of codes; whose it is and its key are AuthenticatorKey",
    "auth.Permission": "not used: permissions are code (accounts/access)",
    "auth.Group": "not used: roles are code (accounts/access)",
    "contenttypes.ContentType": "a list of the code's own models, made by migrate",
    "sessions.Session": "who is signed in; signing in and out are access records",
    "pghistory.Context": "not used: each event carries its own context",
}
