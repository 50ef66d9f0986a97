"""What the application's role may do with each table: what the portal does there, and no more."""

from __future__ import annotations

from django.apps import apps
from django.db import models

from accounts.history.tracking import SEALED

SELECT, INSERT, UPDATE, DELETE = "SELECT", "INSERT", "UPDATE", "DELETE"
READ = frozenset({SELECT})
ADD = READ | {INSERT}
CHANGE = ADD | {UPDATE}
REMOVE = CHANGE | {DELETE}

# Made by `migrate` or by nothing at all; the portal has no use for a row of theirs.
NOTHING = {
    "accounts.HistoryOpen",
    "auth.Group",
    "auth.Group_permissions",
    "auth.Permission",
    "axes.AccessLog",
    "contenttypes.ContentType",
    "pghistory.Context",
    "sessions.Session",
}
# The chain is written by triggers, which run as the owner; archives are made by the owner.
READ_ONLY = {
    "accounts.HistoryArchive",
    "accounts.HistoryBlock",
    "accounts.HistoryEntry",
    "accounts.HistoryHead",
    "accounts.HistoryShape",
}
# Whose rows go: passing ones, those that nothing names any more, and what a new version replaces.
ROWS_GO = {
    "accounts.AccountBatch",
    "accounts.AuthenticatorKey",
    "accounts.KeptInput",
    "accounts.KnownDevice",
    "accounts.PastPassword",
    "accounts.RecoveryCode",
    "accounts.RequestBucket",
    "accounts.Session",
    "accounts.StoredFile",
    "axes.AccessAttempt",
    "axes.AccessAttemptExpiration",
    "axes.AccessFailureLog",
    "fees.ProposedFee",
    "indicators.RecomputeRun",
    "indicators.RegionFacts",
    "kindergartens.BirthCount",
    "kindergartens.ColumnChoice",
    "kindergartens.ConstructionPlan",
    "kindergartens.EquipmentItem",
    "kindergartens.EstateRule",
    "kindergartens.FilingAttachment",
    "kindergartens.KindergartenStatus",
    "kindergartens.Placement",
    "kindergartens.Population",
    "kindergartens.PremisesStandard",
    "kindergartens.ReplacedDraft",
    "kindergartens.SavedView",
    "kindergartens.UploadedWorkbook",
    "otp_totp.TOTPDevice",
    "safety.SafetyMeasure",
    "staffing.StaffingStandard",
}


def privileges_of(model: type[models.Model]) -> frozenset[str]:
    """The privileges of the application on a model's table."""
    label = model._meta.label
    if label in NOTHING:
        return frozenset()
    if label in READ_ONLY or hasattr(model, "pgh_tracked_model"):
        return READ
    if model in SEALED:
        return ADD
    return REMOVE if label in ROWS_GO else CHANGE


def privileges_of_tables() -> dict[str, frozenset[str]]:
    """The privileges on each table of the schema, by its name."""
    found = {
        model._meta.db_table: privileges_of(model)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    # Which migrations ran, for the commands that ask.
    return {**found, "django_migrations": READ}
