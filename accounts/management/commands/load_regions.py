"""Load the official list of regions, or bring it up to date."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

HEADER = ["code", "name", "level", "parent"]
LEVELS = {"province": 1, "city": 2, "county": 3, "town": 4}
CODE_LENGTH = {1: 6, 2: 6, 3: 6, 4: 12}
NAME_LENGTH = 60
# The whole country takes some seconds, longer than a page is given.
STATEMENT_TIMEOUT = "120s"


@dataclass(frozen=True)
class RegionRow:
    code: str
    name: str
    level: int
    parent: str


class Command(BaseCommand):
    help = "载入全国行政区划（省、市、县、乡镇街道），可重复运行。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--file",
            type=Path,
            default=settings.BASE_DIR / "fixtures" / "regions.csv",
            help="区划表（CSV，列为 code,name,level,parent）",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            with path.open(encoding="utf-8-sig", newline="") as lines:
                rows = parse_rows(lines)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"读不了区划表{path}：{error}") from error
        except ValueError as error:
            raise CommandError(f"{path.name}{error}") from error
        created, updated = upsert_regions(rows)
        unchanged = len(rows) - created - updated
        self.stdout.write(
            f"行政区划{len(rows)}个：新增{created}个，更新{updated}个，未变{unchanged}个。"
        )


def parse_rows(lines: Iterable[str]) -> list[RegionRow]:
    """Read and check the list.

    Raises ValueError whose text names the line, what is wrong and how to mend it. A code may stand
    once per level: 东莞, 中山 and 儋州 have no counties and carry their own code again as a county.
    """
    reader = csv.reader(lines)
    if next(reader, None) != HEADER:
        raise ValueError(f"第1行应为表头{','.join(HEADER)}。")
    rows: list[RegionRow] = []
    lines_of: dict[tuple[str, int], int] = {}
    for cells in reader:
        number = reader.line_num
        row = _parse_row(number, cells)
        first = lines_of.setdefault((row.code, row.level), number)
        if first != number:
            raise ValueError(f"第{number}行：代码{row.code}与第{first}行重复，请删去一行。")
        rows.append(row)
    for row in rows:
        if row.level > 1 and (row.parent, row.level - 1) not in lines_of:
            number = lines_of[row.code, row.level]
            raise ValueError(f"第{number}行：表中没有上级代码{row.parent}，请补上或改正。")
    return rows


def _parse_row(number: int, cells: list[str]) -> RegionRow:
    if len(cells) != len(HEADER):
        raise ValueError(f"第{number}行：应有{len(HEADER)}列，现有{len(cells)}列。")
    code, name, level_name, parent = (cell.strip() for cell in cells)
    level = LEVELS.get(level_name)
    if level is None:
        raise ValueError(f"第{number}行：级别“{level_name}”应为{'、'.join(LEVELS)}之一。")
    if not (code.isascii() and code.isdigit() and len(code) == CODE_LENGTH[level]):
        raise ValueError(f"第{number}行：代码“{code}”应为{CODE_LENGTH[level]}位数字。")
    if not name or len(name) > NAME_LENGTH:
        raise ValueError(f"第{number}行：名称应为1至{NAME_LENGTH}个字。")
    if (level == 1) != (parent == ""):
        raise ValueError(f"第{number}行：省级不填上级代码，其他级别必须填。")
    return RegionRow(code, name, level, parent)


@transaction.atomic
def upsert_regions(rows: list[RegionRow]) -> tuple[int, int]:
    """Write the rows in one statement; returns how many were created and how many changed.

    Regions that the list no longer has stay: figures of past years hang on them.
    """
    lines = io.StringIO()
    csv.writer(lines).writerows((row.code, row.name, row.level, row.parent) for row in rows)
    lines.seek(0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [STATEMENT_TIMEOUT])
        cursor.execute(STAGE)
        cursor.copy_expert("COPY staged_region (code, name, level, parent) FROM STDIN CSV", lines)
        cursor.execute(NUMBER)
        cursor.execute(UPSERT)
        created, updated = cursor.fetchone()
        cursor.execute("DROP TABLE staged_region")
        # Who asks for regions next, in this transaction or another, is planned by what is there now.
        cursor.execute("ANALYZE accounts_region")
    return created, updated


STAGE = """
CREATE TEMP TABLE staged_region (
    id bigint, code varchar(12), name varchar(60), level smallint, parent varchar(12)
) ON COMMIT DROP
"""

# Ids are fixed before the insert, so that parents and children can go in together.
NUMBER = """
UPDATE staged_region AS staged
SET id = coalesce(
    (SELECT region.id FROM accounts_region AS region
     WHERE region.code = staged.code AND region.level = staged.level),
    nextval(pg_get_serial_sequence('accounts_region', 'id'))
);
ANALYZE staged_region
"""

UPSERT = """
WITH written AS (
    INSERT INTO accounts_region AS kept
        (id, code, name, level, parent_id, county_id, city_id, province_id, is_active)
    SELECT own.id, own.code, own.name, own.level, parent.id,
           CASE own.level WHEN 4 THEN parent.id END,
           CASE own.level WHEN 4 THEN grand.id WHEN 3 THEN parent.id END,
           CASE own.level WHEN 4 THEN great.id WHEN 3 THEN grand.id WHEN 2 THEN parent.id END,
           false
    FROM staged_region AS own
    LEFT JOIN staged_region AS parent
        ON parent.code = own.parent AND parent.level = own.level - 1
    LEFT JOIN staged_region AS grand
        ON grand.code = parent.parent AND grand.level = own.level - 2
    LEFT JOIN staged_region AS great
        ON great.code = grand.parent AND great.level = own.level - 3
    ON CONFLICT (code, level) DO UPDATE SET
        name = excluded.name,
        parent_id = excluded.parent_id,
        county_id = excluded.county_id,
        city_id = excluded.city_id,
        province_id = excluded.province_id
    WHERE (kept.name, kept.parent_id, kept.county_id, kept.city_id, kept.province_id)
        IS DISTINCT FROM (excluded.name, excluded.parent_id, excluded.county_id,
                          excluded.city_id, excluded.province_id)
    RETURNING (xmax = 0) AS created
)
SELECT count(*) FILTER (WHERE created), count(*) FILTER (WHERE NOT created) FROM written
"""
