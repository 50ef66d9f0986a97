"""Administrative regions by their official codes (GB/T 2260, statistical codes for towns)."""

from __future__ import annotations

from django.db import models

from accounts.history.tracking import tracked

# 北京, 天津, 上海, 重庆: provinces by rank, cities by their offices.
MUNICIPALITIES = frozenset({"11", "12", "31", "50"})


class RegionQuerySet(models.QuerySet["Region"]):
    def active(self) -> RegionQuerySet:
        """Regions this deployment works with; the other forty thousand are only looked up."""
        return self.filter(is_active=True)

    def of_code(self, code: str) -> Region:
        """The region with this code.

        东莞, 中山 and 儋州 have no counties: each carries its code twice, as a city and as its own
        county. Figures are judged per county, so the county is meant.
        """
        found = self.filter(code=code).order_by("-level").first()
        if found is None:
            raise Region.DoesNotExist(f"没有代码为{code}的行政区划。")
        return found

    def within(self, region: Region) -> RegionQuerySet:
        """The region itself and everything below it."""
        ancestor = Region.ANCESTOR_FIELD.get(Region.Level(region.level))
        below = models.Q(pk=region.pk)
        if ancestor is not None:
            below |= models.Q(**{ancestor: region.pk})
        return self.filter(below)


@tracked()
class Region(models.Model):
    """A province, city, county or town. Ancestors are stored so that sums need no recursion."""

    class Level(models.IntegerChoices):
        PROVINCE = 1, "省"
        CITY = 2, "市"
        COUNTY = 3, "县区"
        TOWN = 4, "乡镇街道"

    ANCESTOR_FIELD = {
        Level.PROVINCE: "province",
        Level.CITY: "city",
        Level.COUNTY: "county",
    }

    code = models.CharField("代码", max_length=12)
    name = models.CharField("名称", max_length=60)
    level = models.PositiveSmallIntegerField("级别", choices=Level.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    province = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    city = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    county = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    is_active = models.BooleanField("本系统启用", default=False, db_index=True)
    valid_from = models.DateField("启用日期", null=True, blank=True)
    valid_to = models.DateField("停用日期", null=True, blank=True)

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "行政区划"
        ordering = ["code", "level"]
        constraints = [
            models.UniqueConstraint(fields=["code", "level"], name="region_code_level_unique"),
            models.CheckConstraint(
                condition=models.Q(level=1, parent__isnull=True)
                | models.Q(level__gt=1, parent__isnull=False),
                name="region_has_parent_below_province",
            ),
        ]
        indexes = [models.Index(fields=["parent"]), models.Index(fields=["name"])]

    def __str__(self) -> str:
        return self.name

    @property
    def is_township(self) -> bool:
        """A 镇 or 乡, not a street office or a development zone.

        Digits 7–9 of the statistical code: 001–099 streets, 100–199 towns, 200–399 townships,
        400 and above zones that manage land but are no administrative level.
        """
        return self.level == self.Level.TOWN and "100" <= self.code[6:9] <= "399"

    @property
    def office_level(self) -> int:
        """The level whose offices work here: a municipality (直辖市) has a city's, over all of it.

        重庆's counties are split between two level-2 codes (500100 市辖区, 500200 县), neither of
        which is an administration; its bureau belongs to the municipality itself.
        """
        if self.level == self.Level.PROVINCE and self.code[:2] in MUNICIPALITIES:
            return self.Level.CITY
        return self.level

    def contains(self, other: Region) -> bool:
        """Whether the other region is this one or lies in it."""
        if other.pk == self.pk:
            return True
        field = self.ANCESTOR_FIELD.get(self.Level(self.level))
        return field is not None and getattr(other, f"{field}_id") == self.pk
