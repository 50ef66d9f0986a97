"""What stands on a published fee sheet (收费公示表) beside its lines. Plain Python.

学前教育法 Art 69: items, standards and what is given for them are published to parents.
"""

from __future__ import annotations

import datetime as dt

# 国办发〔2025〕27号: from the autumn term of 2025 the last year before school is free of 保教费 in
# public kindergartens; in others it is reduced by what public ones of the same kind there are free of.
FREE_YEAR_FROM = dt.date(2025, 9, 1)
FREE_YEAR_BY = "国办发〔2025〕27号"


def free_year_note(*, ownership: str, day: dt.date) -> str:
    """What a kindergarten of an 办园性质 says of 大班 on a day; empty before it was free."""
    if day < FREE_YEAR_FROM:
        return ""
    if ownership == "public":
        what = "大班免收保教费"
    else:
        what = "大班保教费按当地同类型公办园的免收水平减免，超出的部分可以收"
    return f"{what}（{FREE_YEAR_BY}）；伙食费、住宿费等照常收取。"
