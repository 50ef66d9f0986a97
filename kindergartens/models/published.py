"""Published lists (公示名单): which kindergartens a county told the public it has, and as what."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F

from accounts.history.tracking import tracked
from kindergartens.models.kindergarten import KindergartenStatus
from kindergartens.models.school_codes import SchoolCodeQuerySet

DATES_OF_LISTS = "when a county published its whole lists, never who is on them"


class PublishedKindergartenQuerySet(SchoolCodeQuerySet["PublishedKindergarten"]):
    def in_force(self, county: int, day: dt.date) -> PublishedKindergartenQuerySet:
        """What a county's lists said on a day, each kindergarten once for each kind of list.

        Of each kind the last whole list on or before the day, and the supplements published since;
        the newest line of a code counts. A supplement to no whole list says nothing: it would make
        everybody else missing.
        """
        whole = (
            PublishedKindergarten.objects.unscoped(DATES_OF_LISTS)
            .filter(
                county=county,
                kind=models.OuterRef("kind"),
                supplements=False,
                published_on__lte=day,
            )
            .order_by("-published_on")
            .values("published_on")[:1]
        )
        return (
            self.filter(county=county, published_on__lte=day)
            .annotate(whole_list_on=models.Subquery(whole))
            .filter(published_on__gte=F("whole_list_on"))
            .order_by("kind", "code", "-published_on")
            .distinct("kind", "code")
        )


@tracked()
class PublishedKindergarten(models.Model):
    """One kindergarten's line of one published list, as the county imported it.

    Kept under the school code, like the annual statistics: a list may have kindergartens that the
    portal has not. A list is whole, so that who is not on it is told too; with `supplements` it
    adds to the whole list before (增补名单). `grade` is the class of inclusive ones (普惠等级) in the
    list's own words. An ownership that the list does not give is empty.
    """

    class Kind(models.TextChoices):
        APPROVED = "approved", "已审批幼儿园名单"
        INCLUSIVE = "inclusive", "普惠性幼儿园名单"

    county = models.ForeignKey("accounts.Region", models.PROTECT, related_name="published_lists")
    kind = models.CharField("名单", max_length=10, choices=Kind.choices)
    published_on = models.DateField("公布日期")
    supplements = models.BooleanField("增补", default=False)
    code = models.CharField("学校标识码", max_length=10)
    name = models.CharField("园名", max_length=120)
    ownership = models.CharField(
        "办园性质", max_length=24, choices=KindergartenStatus.Ownership.choices, blank=True
    )
    grade = models.CharField("普惠等级", max_length=20, blank=True)
    document = models.CharField("公示文件", max_length=120)
    address = models.CharField("公示网址", max_length=200, blank=True)

    objects = PublishedKindergartenQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公示名单"
        ordering = ["county", "kind", "-published_on", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["county", "kind", "published_on", "code"], name="published_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.get_kind_display()}，{self.published_on:%Y年%-m月}）"
