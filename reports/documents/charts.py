"""Drawings for paper: the page's charts, run by ECharts inside V8, and codes to be scanned."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import segno
from django.contrib.staticfiles import finders
from django.utils.html import escape
from django.utils.safestring import SafeString

FONT = "Noto Sans CJK SC"
# Black ink on white paper; every difference also shows without colour (dashes, hollow points).
INK = {
    "ink": "#000000",
    "ink2": "#222222",
    "ink3": "#333333",
    "line": "#dddddd",
    "line2": "#777777",
    "accent": "#1d4f91",
    "surface": "#ffffff",
    "band": "#eeeeee",
}
# A picture that is kept stands beside texts on a screen: the page's own light colours, and the
# typefaces of whoever opens it, those of the portal first.
SCREEN = {
    "ink": "#1a2433",
    "ink2": "#445064",
    "ink3": "#5b6678",
    "line": "#e1e6ec",
    "line2": "#c9d1db",
    "accent": "#1d5ba8",
    "surface": "#ffffff",
    "band": "#eff2f6",
    "pass": "#17693b",
    "near": "#8a4b00",
    "fail": "#b3261e",
    "none": "#556171",
    "passBg": "#e7f4ec",
    "nearBg": "#fff3dc",
    "failBg": "#fdecea",
    "noneBg": "#edf0f4",
}
PICTURE_FONTS = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, sans-serif"
# Room for the title above a picture and for two lines of foot below it.
HEAD, FOOT, MARGIN = 44, 56, 16
# The option functions that draw, each in a script of its own under static/js/.
DRAWINGS = {
    "rate_trend": "rateTrendOption",
    "ranking_bars": "rankingBarsOption",
    "heat_grid": "heatGridOption",
}
# Read from a wall, through glass, at an angle: a quarter of a code may be unreadable.
ERROR_CORRECTION = "q"
_DRAW = """
function drawChart(option, data, width, height) {
  const chart = echarts.init(null, null, {renderer: "svg", ssr: true, width, height});
  try {
    chart.setOption(this[option]({...JSON.parse(data), width, height}));
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
"""


@dataclass(frozen=True)
class Drawing:
    """A chart: what draws it (a key of DRAWINGS), the data it takes, its size in CSS pixels."""

    kind: str
    data: dict[str, Any]
    width: int
    height: int


def rate_trend(data: dict[str, Any], *, width: int, height: int, title: str) -> SafeString:
    """A rate over months as SVG for paper, `width` × `height` in CSS pixels.

    `data` is what the page's chart takes: points [{label, value (percent as text, or None),
    provisional, holiday}], target, unit. `title` is read out in place of the drawing.
    """
    svg = _drawn(Drawing("rate_trend", data, width, height), colours=INK, font=FONT)
    return SafeString(svg.replace(">", f"><title>{escape(title)}</title>", 1))


def picture(drawing: Drawing, *, title: str, foot: tuple[str, ...]) -> str:
    """A chart as an SVG file of its own, with its title above and what it rests on below."""
    inner = _drawn(drawing, colours=SCREEN, font=PICTURE_FONTS)
    width, height = drawing.width + 2 * MARGIN, drawing.height + HEAD + FOOT
    lines = "".join(
        f'<text x="{MARGIN}" y="{HEAD + drawing.height + 20 + 20 * number}" font-size="12"'
        f' fill="{SCREEN["ink3"]}">{escape(line)}</text>'
        for number, line in enumerate(foot)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" font-family="{PICTURE_FONTS}" role="img">'
        f"<title>{escape(title)}</title>"
        f'<rect width="{width}" height="{height}" fill="{SCREEN["surface"]}"/>'
        f'<text x="{MARGIN}" y="28" font-size="16" font-weight="600" fill="{SCREEN["ink"]}">'
        f"{escape(title)}</text>"
        f'<g transform="translate({MARGIN} {HEAD})">{inner}</g>{lines}</svg>'
    )


def _drawn(drawing: Drawing, *, colours: dict[str, str], font: str) -> str:
    payload = json.dumps({**drawing.data, "colors": colours, "font": font}, ensure_ascii=False)
    svg = _isolate().call(
        "drawChart", DRAWINGS[drawing.kind], payload, drawing.width, drawing.height
    )
    # Interaction styles are of no use in a picture, and a class per drawing would collide.
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)
    return re.sub(r' class="[^"]*"', "", svg)


def qr_code(address: str, *, title: str) -> SafeString:
    """An address as a QR code of lines, which stays sharp at any size."""
    code = segno.make(address, error=ERROR_CORRECTION, micro=False)
    svg = code.svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None,
        title=title,
    )  # fmt: skip
    return SafeString(svg)


@cache
def _isolate() -> Any:
    """One V8 per process with ECharts in it: starting it costs about ten drawings."""
    from py_mini_racer import MiniRacer

    isolate = MiniRacer()
    # ECharts looks for timers even where nothing is animated; V8 alone has none.
    isolate.eval("var self = this; var setTimeout = () => 0; var clearTimeout = () => {};")
    isolate.eval(_source("vendor/echarts/echarts.min.js"))
    for name in DRAWINGS:
        isolate.eval(_source(f"js/{name}.js"))
    isolate.eval(_DRAW)
    return isolate


def _source(name: str) -> str:
    found = finders.find(name)
    if not found:
        raise FileNotFoundError(f"static/{name} is missing; `make assets` fetches it")
    return Path(found).read_text(encoding="utf-8")
