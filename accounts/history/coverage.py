"""Models of libraries, which carry no decorator of ours, and why their rows need no history."""

NOT_OURS: dict[str, str] = {
    "auth.Permission": "not used: permissions are code (accounts/access)",
    "auth.Group": "not used: roles are code (accounts/access)",
    "contenttypes.ContentType": "a list of the code's own models, made by migrate",
    "sessions.Session": "who is signed in; signing in and out are access records",
    "pghistory.Context": "not used: each event carries its own context",
}
