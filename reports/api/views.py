"""What the interface answers: the catalogue, places, figures and what they are summed from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date
from ninja import NinjaAPI, Path, Query, Schema

from accounts.models import Region
from accounts.tokens.acting import Bearer
from indicators.catalogue import INDICATORS, THREE_RATES, Indicator
from reports.api import presenters, schemas, selectors
from reports.api.answering import ReadableJSON
from reports.api.auth import TokenAuth
from reports.api.errors import NotAnswered, handle_errors

MOST_MONTHS = 36
# As many as can be wrong with a request before it is answered.
ERRORS = frozenset({400, 401, 404, 405, 429})

api = NinjaAPI(
    title="学前教育指标数据接口",
    version="1",
    description=(
        "只读。凭令牌读一个区域和它下级的指标；读不到幼儿园和个人。分子、分母是整数，值是未四舍五入的十进制"
        "文本；空是没有，不是0。带ETag，没有变化时答304。出错时按RFC 9457答复，写明怎么办。"
    ),
    auth=TokenAuth(),
    renderer=ReadableJSON(),
    openapi_url=None,
    docs_url=None,
    urls_namespace="figures-for-machines",
)
handle_errors(api)


@api.get(
    "/indicators",
    response={200: schemas.IndicatorPage, ERRORS: schemas.Problem},
    url_name="api-indicators",
    operation_id="listIndicators",
    summary="指标目录",
    description="每项指标的算式、单位、方向、口径、依据和口径版本，按目录的次序。",
    tags=["指标"],
)
def indicators(request: HttpRequest, asked: Query[schemas.Paged]) -> dict[str, Any]:
    _refuse_unknown(request, asked)
    page = _page(list(INDICATORS.values()), asked)
    return presenters.page_of(page, [presenters.indicator(one) for one in page])


@api.get(
    "/regions",
    response={200: schemas.RegionPage, ERRORS: schemas.Problem},
    url_name="api-regions",
    operation_id="listRegions",
    summary="区域",
    description="令牌范围里的行政区划，按代码的次序。",
    tags=["区域"],
)
def regions(request: HttpRequest, asked: Query[schemas.RegionsAsked]) -> dict[str, Any]:
    _refuse_unknown(request, asked)
    place = _region(request, asked.region)
    page = _page(selectors.regions_below(place, asked.level), asked)
    return presenters.page_of(page, [presenters.region(one) for one in page])


@api.get(
    "/figures",
    response={200: schemas.RowPage, ERRORS: schemas.Problem},
    url_name="api-figures",
    operation_id="listFigures",
    summary="指标数据",
    description=(
        "一个区域或它下面一级各地区，一个月或几个月。一项是一个地区的一个月，按月份、代码的次序；没有数的月份"
        "没有这一项。"
    ),
    tags=["数据"],
)
def figures(
    request: HttpRequest, response: HttpResponse, asked: Query[schemas.FiguresAsked]
) -> dict[str, Any]:
    _refuse_unknown(request, asked)
    place = _region(request, asked.region)
    chosen = _indicators(asked.indicator or THREE_RATES)
    months = _months(request, place, asked)
    page = _page(selectors.rows_of(_bearer(request), place, asked.level, months), asked)
    shown = selectors.with_figures(list(page), chosen)
    if shown:
        _say_when(response, [row.facts.computed_at for row in shown])
    note = "" if shown else _why_empty(request, place)
    return presenters.page_of(page, [presenters.row(one) for one in shown]) | {"note": note}


@api.get(
    "/parts",
    response={200: schemas.Parts, ERRORS: schemas.Problem},
    url_name="api-parts",
    operation_id="explainFigure",
    summary="一个数由哪些地区相加",
    description="一项指标由下一级各地区的已接收月报怎样相加而来。只到地区，不到幼儿园。",
    tags=["数据"],
)
def parts(
    request: HttpRequest, response: HttpResponse, asked: Query[schemas.PartsAsked]
) -> dict[str, Any]:
    _refuse_unknown(request, asked)
    place = _region(request, asked.region)
    (chosen,) = _indicators([asked.indicator])
    own, below = selectors.parts_of(
        _bearer(request),
        place,
        _first_day(asked.month),
        chosen,
    )
    if own is None:
        raise NotAnswered(
            404,
            "no-figures",
            f"{place.name}{asked.month}没有数。",
            "请先用/api/v1/figures查哪些月份有数。",
        )
    _say_when(response, [row.facts.computed_at for row in (own, *below)])
    return presenters.parts(own, below)


@api.get(
    "/publications",
    response={200: schemas.PublicationPage, ERRORS: schemas.Problem},
    url_name="api-publications",
    operation_id="listPublications",
    summary="公布的数据",
    description="月度通报、年度公报、自评，最近公布的在前。更正是另一号，原来的不改。",
    tags=["公布"],
)
def publications(request: HttpRequest, asked: Query[schemas.PublicationsAsked]) -> dict[str, Any]:
    _refuse_unknown(request, asked)
    place = _region(request, asked.region)
    month = _first_day(asked.month) if asked.month else None
    rows = selectors.publications_of(_bearer(request), place, asked.kind, month)
    page = _page(rows, asked)
    return presenters.page_of(page, [presenters.publication(one) for one in page])


@api.get(
    "/publications/{number}",
    response={200: schemas.PublishedFigures, ERRORS: schemas.Problem},
    url_name="api-publication",
    operation_id="readPublication",
    summary="一号公布的数据",
    description="公布时冻结的数，以后不变。",
    tags=["公布"],
)
def publication(
    request: HttpRequest,
    response: HttpResponse,
    asked: Path[schemas.PublicationAsked],
) -> dict[str, Any]:
    found = selectors.publication_of(_bearer(request), asked.number)
    if found is None:
        raise NotAnswered(
            404,
            "no-publication",
            f"令牌的范围里没有公布过{asked.number[:60]}。",
            "请用/api/v1/publications查编号。",
        )
    _say_when(response, [found.published_at])
    return presenters.published_figures(found)


def _bearer(request: HttpRequest) -> Bearer:
    bearer: Bearer = request.auth  # type: ignore[attr-defined]
    return bearer


def _refuse_unknown(request: HttpRequest, asked: Schema) -> None:
    """A parameter that is misspelt would otherwise be left out in silence."""
    declared = {field.alias or name for name, field in type(asked).model_fields.items()}
    unknown = sorted({*request.GET} - declared)
    if unknown:
        raise NotAnswered(
            400,
            "bad-parameter",
            f"没有参数{'、'.join(unknown)[:200]}。",
            f"可以写{'、'.join(sorted(declared))}。",
        )


def _region(request: HttpRequest, code: str | None) -> Region:
    place = selectors.region_of(_bearer(request), code)
    if place is None:
        raise NotAnswered(
            404,
            "no-region",
            f"令牌的范围里没有代码为{code}的区域。",
            "请用/api/v1/regions查范围里的区域。",
        )
    return place


def _indicators(codes: Sequence[str]) -> list[Indicator]:
    chosen, unknown = selectors.known(codes)
    if unknown:
        raise NotAnswered(
            400,
            "no-indicator",
            f"没有指标{'、'.join(unknown)[:200]}。",
            "请用/api/v1/indicators查指标代码。",
        )
    return chosen


def _months(
    request: HttpRequest, place: Region, asked: schemas.FiguresAsked
) -> tuple[dt.date, dt.date] | None:
    """First and last month asked for, else the newest of the place; None where it has no figures."""
    if asked.month and (asked.from_ or asked.to):
        raise NotAnswered(
            400, "two-times", "month和from、to只能写一种。", "请只写month，或只写from和to。"
        )
    if asked.month:
        return _first_day(asked.month), _first_day(asked.month)
    if asked.from_ and asked.to:
        first, last = _first_day(asked.from_), _first_day(asked.to)
        count = (last.year - first.year) * 12 + last.month - first.month + 1
        if count < 1:
            raise NotAnswered(400, "months-reversed", "from在to之后。", "请把from写成较早的月份。")
        if count > MOST_MONTHS:
            raise NotAnswered(
                400, "too-many-months", f"一次最多{MOST_MONTHS}个月。", "请分几次请求。"
            )
        return first, last
    if asked.from_ or asked.to:
        raise NotAnswered(400, "half-a-range", "from和to要一起写。", "请补上另一个，或只写month。")
    newest = selectors.newest_month(_bearer(request), place)
    return (newest, newest) if newest else None


def _why_empty(request: HttpRequest, place: Region) -> str:
    newest = selectors.newest_month(_bearer(request), place)
    if newest is None:
        return f"{place.name}还没有数。"
    return f"问的月份或这一级没有数；{place.name}最近有数的月份是{newest:%Y-%m}。"


def _first_day(month: str) -> dt.date:
    year, number = month.split("-")
    return dt.date(int(year), int(number), 1)


def _page(rows: Any, asked: schemas.Paged) -> Any:
    paginator = Paginator(rows, asked.per_page)
    if asked.page > paginator.num_pages:
        raise NotAnswered(
            404,
            "no-page",
            f"只有{paginator.num_pages}页。",
            "请从第1页起请求，到pages写的页数为止。",
        )
    return paginator.page(asked.page)


def _say_when(response: HttpResponse, computed: Sequence[dt.datetime]) -> None:
    response["Last-Modified"] = http_date(max(computed).timestamp())
