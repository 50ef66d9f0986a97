"""Drawings for paper: the page's charts, run by ECharts inside V8, and codes to be scanned."""

from __future__ import annotations

import json
import re
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
# Read from a wall, through glass, at an angle: a quarter of a code may be unreadable.
ERROR_CORRECTION = "q"
_DRAW = """
function drawRateTrend(data, width, height) {
  const chart = echarts.init(null, null, {renderer: "svg", ssr: true, width, height});
  try {
    chart.setOption(rateTrendOption({...JSON.parse(data), width}));
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
"""


def rate_trend(data: dict[str, Any], *, width: int, height: int, title: str) -> SafeString:
    """A rate over months as SVG, `width` × `height` in CSS pixels.

    `data` is what the page's chart takes: points [{label, value (percent as text, or None),
    provisional, holiday}], target, unit. `title` is read out in place of the drawing.
    """
    payload = json.dumps({**data, "colors": INK, "font": FONT}, ensure_ascii=False)
    svg = _isolate().call("drawRateTrend", payload, width, height)
    # Interaction styles are of no use on paper, and a class per drawing would collide.
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r' class="[^"]*"', "", svg)
    return SafeString(svg.replace(">", f"><title>{escape(title)}</title>", 1))


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
    isolate.eval(_source("js/rate_trend.js"))
    isolate.eval(_DRAW)
    return isolate


def _source(name: str) -> str:
    found = finders.find(name)
    if not found:
        raise FileNotFoundError(f"static/{name} is missing; `make assets` fetches it")
    return Path(found).read_text(encoding="utf-8")
