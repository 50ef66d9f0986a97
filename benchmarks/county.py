"""A made-up county with its towns: where the kindergartens of a benchmark lie."""

from __future__ import annotations

from typing import Any


def make_county(towns: int, *, number: int = 1) -> tuple[Any, list[Any]]:
    """The county of this number (from 1) in the one made-up city, and its towns by code."""
    from accounts.models import Region

    province, _ = Region.objects.get_or_create(
        code="990000", defaults={"name": "示例省", "level": 1, "is_active": True}
    )
    city, _ = Region.objects.get_or_create(
        code="990100",
        defaults={
            "name": "示例市", "level": 2, "parent": province, "province": province,
            "is_active": True,
        },
    )  # fmt: skip
    code = f"9901{number:02d}"
    county = Region.objects.create(
        code=code, name=f"示例{number}县", level=3, parent=city, city=city, province=province,
        is_active=True,
    )  # fmt: skip
    made = Region.objects.bulk_create(
        Region(
            code=f"{code}1{n:02d}000", name=f"示例{n:02d}镇", level=4, parent=county, county=county,
            city=city, province=province, is_active=True,
        )
        for n in range(towns)
    )  # fmt: skip
    return county, made
