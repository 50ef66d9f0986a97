"""Uploaded files: the bytes, kept once however often they are sent, and what they belong to."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.history.tracking import tracked


@tracked()
class StoredFile(models.Model):
    """The bytes of one file, outside the web root under a random name.

    Nobody has a right to a StoredFile: rights follow the object it is attached to. `sha256` is of
    the bytes kept (a photograph's after it was drawn anew) and is checked whenever they are read.
    """

    class State(models.TextChoices):
        READY = "ready", "可下载"
        # As it was when it came: a virus scanner was set up and had not yet said anything. Whether
        # it may go out now, accounts.files.serving.state_of says.
        PENDING = "pending", "待查毒"
        INFECTED = "infected", "含病毒"

    sha256 = models.CharField("摘要", max_length=64, unique=True)
    size = models.PositiveIntegerField("字节数")
    content_type = models.CharField("类型", max_length=100)
    storage_name = models.CharField("存放名", max_length=64, unique=True)
    state = models.CharField("状态", max_length=10, choices=State.choices)
    uploaded_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="首次上传", related_name="+"
    )
    uploaded_at = models.DateTimeField("上传时间")
    scanned_at = models.DateTimeField("查毒时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "上传的文件"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$")
                & Q(storage_name__regex=r"^[0-9a-f]{64}$"),
                name="stored_file_names_are_hexadecimal",
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="stored_file_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.content_type} {self.size}字节"


class Attachment(models.Model):
    """A file as part of an object. An app makes its own, with a foreign key to that object."""

    # In addresses: says nothing about how many there are or which comes next.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="%(class)ss")
    name = models.CharField("文件名", max_length=120)
    added_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    added_at = models.DateTimeField("上传时间")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name
