"""The chain over all history rows, its anchors, checks and archives (docs/adr/0007-history.md).

Written by database triggers only. Every new history row is an entry with the digest of its
content; when the transaction commits, its entries are closed into blocks, each with a digest over
the block before it. An altered, removed, added or moved row no longer fits.
"""

from __future__ import annotations

from django.db import models

from accounts.history.tracking import not_kept, sealed


@not_kept("part of the chain itself: verify_history recomputes what it must say")
class HistoryShape(models.Model):
    """Which columns of which table the digests of some entries cover. The same may stand twice."""

    id = models.AutoField(primary_key=True)
    table = models.CharField(max_length=63)
    columns = models.TextField()

    class Meta:
        verbose_name = verbose_name_plural = "记录字段"

    def __str__(self) -> str:
        return self.table


@not_kept("part of the chain itself: its content is what the blocks' digests cover")
class HistoryEntry(models.Model):
    """One history row in the chain: where it is, and the digest of what it said."""

    transaction = models.BigIntegerField()
    shape = models.ForeignKey(
        HistoryShape, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    row_id = models.CharField(max_length=40)
    digest = models.BinaryField()

    class Meta:
        verbose_name = verbose_name_plural = "记录摘要"

    def __str__(self) -> str:
        return f"{self.shape_id} {self.row_id}"


@not_kept("rows live within one transaction only")
class HistoryOpen(models.Model):
    """A transaction that has written history and is not yet closed into the chain."""

    transaction = models.BigIntegerField(primary_key=True)
    first_entry = models.BigIntegerField()
    closing = models.BooleanField()

    class Meta:
        verbose_name = verbose_name_plural = "未结记录"

    def __str__(self) -> str:
        return str(self.transaction)


@not_kept("part of the chain itself: each covers the one before it")
class HistoryBlock(models.Model):
    """Up to a hundred entries of one transaction, chained to the block before."""

    position = models.BigIntegerField(primary_key=True)
    transaction = models.BigIntegerField()
    sealed_at = models.DateTimeField(db_index=True)
    entries = models.IntegerField()
    first_entry = models.BigIntegerField()
    last_entry = models.BigIntegerField()
    digest = models.BinaryField()

    class Meta:
        verbose_name = verbose_name_plural = "记录链"

    def __str__(self) -> str:
        return str(self.position)


@not_kept("part of the chain itself: the anchors say where it must be")
class HistoryHead(models.Model):
    """Where the chain ends. One row; shows when the newest blocks are cut off."""

    id = models.SmallIntegerField(primary_key=True)
    position = models.BigIntegerField()
    digest = models.BinaryField()

    class Meta:
        verbose_name = verbose_name_plural = "记录链末端"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="history_has_one_head")
        ]

    def __str__(self) -> str:
        return str(self.position)


@sealed()
class HistoryAnchor(models.Model):
    """Where the chain ended at a moment, signed with a key that is not in the database."""

    at = models.DateTimeField("时间")
    position = models.BigIntegerField("块号")
    digest = models.CharField("摘要", max_length=64)
    key_id = models.CharField("密钥编号", max_length=8)
    signature = models.CharField("签名", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "记录锚点"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.position}"


@sealed()
class HistoryCheck(models.Model):
    """One run of the verification and what it found."""

    at = models.DateTimeField("核对时间", db_index=True)
    rows = models.BigIntegerField("核对行数")
    position = models.BigIntegerField("核对到块号")
    findings = models.PositiveIntegerField("问题数")
    # The first of them: table, id, what happened. No content of any row.
    shown = models.JSONField("问题", default=list)

    class Meta:
        verbose_name = verbose_name_plural = "记录核对"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.findings}"


@sealed()
class HistoryArchive(models.Model):
    """History moved out of the database into a file. Its entries stay in the chain."""

    at = models.DateTimeField("归档时间")
    older_than = models.DateTimeField("早于")
    # Archivable rows of the blocks up to here, from where the archive before it ended. The newest
    # event of a row that still is stays: the row is verified against it.
    last_block = models.BigIntegerField("截至块号")
    tables = models.JSONField("表")
    rows = models.BigIntegerField("行数")
    # Signed with a key that is not in the database, over the digest of the entries whose rows left
    # and all the rest said here (accounts/history/archives.py).
    entries_digest = models.CharField("各行摘要", max_length=64)
    file_name = models.CharField("文件", max_length=200)
    file_digest = models.CharField("文件摘要", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "记录归档"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.file_name
