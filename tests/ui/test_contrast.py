"""Every pair of colours that carries words holds 4.5:1, every field edge 3:1, light and dark."""

import re
from pathlib import Path

import pytest
from django.conf import settings

TOKENS = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text(encoding="utf-8")
LIGHT, DARK = (TOKENS.partition("@media")[0], TOKENS.partition("@media")[2])

ON_PAPER = [(text, paper) for text in ("ink", "ink-2", "ink-3", "accent", "pass", "near", "fail", "none")
            for paper in ("bg", "surface", "sunken")]  # fmt: skip
IN_TAGS = [("pass", "pass-bg"), ("near", "near-bg"), ("fail", "fail-bg"), ("none", "none-bg"),
           ("accent", "accent-soft"), ("ink", "accent-soft"), ("ink-2", "accent-soft"),
           ("ink-2", "near-bg"), ("ink-2", "fail-bg"), ("ink-2", "none-bg"), ("ink-2", "pass-bg"),
           ("on-accent", "accent"), ("on-accent", "accent-hover"),
           ("on-bar", "bar"), ("on-bar-2", "bar")]  # fmt: skip
EDGES = [("field", "surface"), ("field", "sunken"), ("near-solid", "surface"), ("accent", "bg")]


def tokens(css: str) -> dict[str, str]:
    block = css[css.index(":root") :].partition("}")[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block))


def luminance(colour: str) -> float:
    digits = colour[1:]
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_itself():
    assert contrast("#fff", "#000") == pytest.approx(21)
    assert contrast("#777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("css", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "paper"), ON_PAPER + IN_TAGS)
def test_words_are_readable(css, text, paper):
    colours = tokens(css)
    assert contrast(colours[text], colours[paper]) >= 4.5


@pytest.mark.parametrize("css", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "paper"), EDGES)
def test_edges_are_visible(css, edge, paper):
    colours = tokens(css)
    assert contrast(colours[edge], colours[paper]) >= 3


def test_dark_names_every_light_colour():
    assert tokens(DARK).keys() == tokens(LIGHT).keys()
