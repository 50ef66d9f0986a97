"""A row of a table of aggregates as values of its columns: read, compared, spelled. Asks no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from accounts.exchange.declaring import Line, Values
from accounts.models import Region
from indicators.aggregates import services
from indicators.aggregates.columns import BY_NAME, COUNTS, PUBLISHED, TOTAL, CountColumn
from indicators.aggregates.rules import Amount, Fault, amount, broken_sponsors
from indicators.catalogue import INDICATORS
from indicators.models import AggregateReturn

OFFERED = tuple(code for code in PUBLISHED if code in INDICATORS)
# More people than a place of a level has for certain: then the unit is wrong.
MOST_PEOPLE = {
    0: 100_000_000,
    Region.Level.PROVINCE: 10_000_000,
    Region.Level.CITY: 2_000_000,
    Region.Level.COUNTY: 1_000_000,
    Region.Level.TOWN: 200_000,
}
OTHERS = 2_000_000_000  # square metres, books: what the column holds


def published_name(code: str) -> str:
    """The English head of a published value."""
    return f"published_{code}"


def kind_of_source(source: str) -> str:
    """What the name of a source says of its kind; a document where it says nothing."""
    for word, kind in (
        ("年鉴", AggregateReturn.Kind.YEARBOOK),
        ("公报", AggregateReturn.Kind.BULLETIN),
        ("事业统计", AggregateReturn.Kind.STATISTICS),
    ):
        if word in source:
            return kind
    return AggregateReturn.Kind.DOCUMENT


def counts_of_row(values: Values, *, level: int) -> tuple[dict[str, Amount], list[tuple[str, str]]]:
    """Counts of a row as whole numbers, and what cannot be read: (column, what to do)."""
    in_ten_thousands = values.get("unit") == "ten_thousand"
    counts: dict[str, Amount] = {}
    faults: list[tuple[str, str]] = []
    for column in COUNTS:
        printed = values.get(column.name)
        if printed is None:
            continue
        by_unit = in_ten_thousands and column.of_people
        try:
            read = amount(printed, in_ten_thousands=by_unit)
        except ValueError:
            faults.append((column.name, _no_whole_number(printed, column.unit, by_unit=by_unit)))
            continue
        most = MOST_PEOPLE[level] if column.of_people else OTHERS
        if read.number > most:
            faults.append((column.name, _too_many(printed, read.number, most, column, by_unit)))
            continue
        counts[column.name] = read
    return counts, faults


def _too_many(printed: str, number: int, most: int, column: CountColumn, by_unit: bool) -> str:
    unit = column.unit
    in_ten_thousands = _is_in_ten_thousands(printed, by_unit)
    as_printed = f"{printed.removesuffix('万')}万{unit}是" if in_ten_thousands else ""
    ask = "单位是不是多写了一个万？" if in_ten_thousands else ""
    return f"{as_printed}{number:,}{unit}，超过这一级地区可能有的{most:,}{unit}。{ask}请核对。"


def _no_whole_number(printed: str, unit: str, *, by_unit: bool) -> str:
    if by_unit or printed.endswith("万"):
        return f"{printed}万不是整数个{unit}。按万填的最多4位小数，请核对。"
    return (
        f"{printed}不是整数。是按万填的吗？请把“人数单位”填成“万人”，或在数后写“万”，"
        f"或填成几{unit}。"
    )


def faults_of_sponsors(rows: Mapping[str, Values], *, level: int) -> list[Fault]:
    """R10 for the rows of one table by sponsor, "total" among them, unless one of them says why."""
    whole = rows.get("total")
    parts = [row for sponsor, row in rows.items() if sponsor != "total"]
    if whole is None or not parts or any(row.get("explanation") for row in rows.values()):
        return []
    return broken_sponsors(
        counts_of_row(whole, level=level)[0],
        [counts_of_row(row, level=level)[0] for row in parts],
    )


def questions(lines: Iterable[Line]) -> list[str]:
    """R11: what is kept as it is, and wants a word why."""
    found = []
    for line in lines:
        values = line.values
        if values.get("explanation"):
            continue
        counts = {
            name: amount(values[name], in_ten_thousands=values.get("unit") == "ten_thousand")
            for name in ("enrolled_children", "resident_population_3_5")
            if values.get(name)
        }
        published = values.get(published_name("gross_enrolment_rate"))
        over = len(counts) == 2 and (
            counts["enrolled_children"].number > counts["resident_population_3_5"].number
        )
        if over or (published and Decimal(published) > 100):
            found.append(
                f"第{line.row}行的毛入园率超过100%，照原数登记。请在“说明”里写明原因，"
                "如外来幼儿多、超龄幼儿多。"
            )
    return found


def pad(values: Values) -> None:
    """A spreadsheet drops the last 0: of one row, what is in 万 is printed to the same places."""
    in_ten_thousands = values.get("unit") == "ten_thousand"
    texts = {
        column.name: values[column.name]
        for column in COUNTS
        if column.name in values
        and _is_in_ten_thousands(values[column.name], in_ten_thousands and column.of_people)
    }
    places = max((len(_places(text)) for text in texts.values()), default=0)
    if not places:
        return
    for name, text in texts.items():
        sign = "万" if text.endswith("万") else ""
        whole = text.removesuffix("万").partition(".")[0]
        values[name] = f"{whole}.{_places(text).ljust(places, '0')}{sign}"


def _is_in_ten_thousands(text: str, by_unit: bool) -> bool:
    return text.endswith("万") or (by_unit and not text.endswith("人"))


def _places(text: str) -> str:
    return text.removesuffix("万").partition(".")[2]


def printed_of(values: Values) -> dict[str, str]:
    """What is in 万, as printed, with its sign."""
    in_ten_thousands = values.get("unit") == "ten_thousand"
    found = {}
    for column in COUNTS:
        text = values.get(column.name)
        if text is not None and _is_in_ten_thousands(text, in_ten_thousands and column.of_people):
            found[column.name] = f"{text.removesuffix('万')}万"
    return found


def spelled(row: AggregateReturn) -> Values:
    """A stored row as the table would have it."""
    values: dict[str, Any] = {
        "region": row.region_code,
        "reference_date": row.reference_date,
        "source": row.source,
        "kind": row.kind,
        "place": row.place or None,
        "sponsor": row.sponsor or "total",
        "scope": row.scope or None,
        "explanation": row.explanation or None,
    }
    for column in COUNTS:
        number = getattr(row, column.name)
        if number is not None:
            in_ones = f"{number}人" if column.of_people else str(number)
            values[column.name] = row.printed.get(column.name, in_ones)
    for code, text in row.published.items():
        values[published_name(code)] = text
    return {name: value for name, value in values.items() if value is not None}


def as_spelled(row: AggregateReturn, typed: Values) -> Values:
    """A stored row, its counts in the spelling of a line that says the same."""
    values = spelled(row)
    in_ten_thousands = typed.get("unit") == "ten_thousand"
    stored = row.counts()
    for column in COUNTS:
        text = typed.get(column.name)
        if text is None or column.name not in stored:
            continue
        try:
            said = amount(text, in_ten_thousands=in_ten_thousands and column.of_people)
        except ValueError:
            continue
        if said == stored[column.name]:
            values[column.name] = text
    return values


def as_typed(row: AggregateReturn) -> Values:
    """The same as people type it into an empty template: whole numbers plain."""
    return {
        name: value.removesuffix("人") if isinstance(value, str) and name in BY_NAME else value
        for name, value in spelled(row).items()
    }


def entry_of(values: Values, region: Region | None, *, level: int) -> services.Entry:
    """A whole row, checked before, as it is stored."""
    counts, _ = counts_of_row(values, level=level)
    sponsor = values["sponsor"]
    return services.Entry(
        region=region,
        reference_date=values["reference_date"],
        source=values["source"],
        sponsor=TOTAL if sponsor == "total" else sponsor,
        kind=values["kind"],
        place=values.get("place") or "",
        scope=values.get("scope") or "",
        explanation=values.get("explanation") or "",
        counts={name: read.number for name, read in counts.items()},
        printed=printed_of(values),
        published={
            code: values[published_name(code)]
            for code in OFFERED
            if values.get(published_name(code)) is not None
        },
    )
