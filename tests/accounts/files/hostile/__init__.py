"""Two hundred and more files made to break whoever reads them, each small to make.

`corpus()` yields (name of the case, file name, bytes). Nothing here is accepted by the portal.
"""

from __future__ import annotations

from functools import cache

from tests.accounts.files import honest
from tests.accounts.files.hostile.archives import archives
from tests.accounts.files.hostile.documents import documents
from tests.accounts.files.hostile.making import packed, sheet, workbook
from tests.accounts.files.hostile.names import BAD_ENDINGS, BAD_NAMES
from tests.accounts.files.hostile.pictures import pictures
from tests.accounts.files.hostile.running import active, doctypes
from tests.accounts.files.hostile.swelling import bombs, swelling

__all__ = ["corpus", "packed", "sheet", "workbook"]

Case = tuple[str, str, bytes]


@cache
def corpus() -> tuple[Case, ...]:
    cases: list[Case] = []
    for family in (swelling, bombs, doctypes, active, archives):
        cases += [(f"xlsx: {name}", "名单.xlsx", content) for name, content in family()]
    cases += [(f"picture: {name}", file, content) for name, file, content in pictures()]
    cases += [(f"pdf: {name}", "说明.pdf", content) for name, content in documents()]
    good = honest.pdf()
    cases += [(f"name: {name[:30]!r}", name, good) for name in BAD_NAMES]
    cases += [(f"ending: {name}", name, good) for name in BAD_ENDINGS if name != "a.jpg "]
    return tuple(cases)
