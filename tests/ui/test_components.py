"""Tags and small components: what they write, and what they refuse."""

import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory

from accounts.statuses import STATES, VERDICTS
from accounts.templatetags.ui import stacked

TEMPLATES = Path(settings.BASE_DIR) / "templates"


def draw(source: str, path: str = "/", **context: object) -> str:
    request = RequestFactory().get(path)
    return Template(source).render(Context({"request": request, **context}))


def words(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html).strip()


@pytest.mark.parametrize("code", VERDICTS)
def test_every_verdict_has_its_own_icon_a_word_and_a_tone(code):
    html = draw("{% verdict code %}", code=code)
    assert words(html) == VERDICTS[code].word
    assert f"is-{VERDICTS[code].tone}" in html
    assert html.count("<svg") == 1
    assert draw("{% verdict word %}", word=VERDICTS[code].word) == html


def test_verdicts_differ_in_shape_so_that_grey_print_tells_them_apart():
    drawn = {(status.icon, status.filled) for status in VERDICTS.values()}
    assert len(drawn) == len(VERDICTS)


def test_passing_is_drawn_in_outline_and_failing_filled():
    assert "ic-filled" not in draw('{% verdict "met" %}')
    assert "ic-filled" in draw('{% verdict "unmet" extra="差212人" %}')


@pytest.mark.parametrize("code", STATES)
def test_every_state_has_an_icon_and_a_word(code):
    html = draw("{% state_tag code %}", code=code)
    assert words(html) == STATES[code].word
    assert html.count("<svg") == 1


def test_unknown_names_are_errors_not_blanks():
    with pytest.raises(KeyError, match="no such verdict"):
        draw('{% verdict "good" %}')
    with pytest.raises(TemplateSyntaxError, match="no icon"):
        draw('{% icon "no-such-icon" %}')


def test_icon_is_hidden_from_readers_unless_it_has_a_label():
    assert 'aria-hidden="true"' in draw('{% icon "clock" %}')
    labelled = draw('{% icon "clock" label=text %}', text='a"b')
    assert 'role="img" aria-label="a&quot;b"' in labelled
    assert "aria-hidden" not in labelled


@pytest.mark.parametrize(
    ("days", "shown"),
    [(17, "剩17个工作日"), (1, "剩1个工作日"), (0, "今天截止"), (-9, "逾期9个工作日"), (None, "")],
)
def test_deadline_in_words(days, shown):
    assert words(draw("{% deadline days %}", days=days)) == shown


@pytest.mark.parametrize(
    ("query", "order", "link"),
    [
        ("/?town=7&page=3", "none", "?town=7&amp;sort=rate"),
        ("/?sort=rate", "ascending", "?sort=-rate"),
        ("/?sort=-rate", "descending", "?sort=rate"),
    ],
)
def test_sort_head_keeps_filters_and_leaves_the_page_number(query, order, link):
    html = draw('{% sort_head "普惠率" "rate" num=True %}', query)
    assert f'aria-sort="{order}"' in html
    assert f'href="{link}"' in html


def test_query_replaces_and_removes_parameters():
    assert draw("{% query page=4 town=None %}", "/?town=7&page=3") == "?page=4"


def test_bar_shows_even_one_missing_return_among_hundreds():
    parts = stacked([("已接收", 999, "a"), ("未报", 1, "d")])
    assert [part.width for part in parts] == [992, 8]
    assert parts[1].x == 992


def test_bar_of_nothing_expected_is_empty():
    assert [part.width for part in stacked([("已接收", 0, "a"), ("未报", 0, "d")])] == [0, 0]


def test_coverage_says_how_many_of_how_many():
    text = words(draw("{% coverage 28 20 4 2 %}"))
    assert "28所已报26所" in text
    assert "未报2" in text


class ExampleForm(forms.Form):
    area = forms.IntegerField(label="面积", help_text="不含绿地")
    kind = forms.ChoiceField(choices=[("a", "甲"), ("b", "乙")], widget=forms.RadioSelect)


def test_field_ties_hint_and_error_to_the_control():
    html = draw(
        '{% field form.area unit="平方米" derived="生均4平方米" %}', form=ExampleForm({"area": "x"})
    )
    assert 'aria-describedby="id_area_hint id_area_error"' in html
    assert 'aria-invalid="true"' in html
    assert html.index("面积") < html.index("不含绿地") < html.index("id_area_error")
    assert html.index("<input") < html.index("平方米") < html.index("生均4平方米")


def test_choices_form_a_named_group():
    html = draw("{% field form.kind %}", form=ExampleForm({"kind": "b"}))
    assert "<fieldset" in html
    assert "<legend" in html
    assert html.count('type="radio"') == 2
    assert html.count('class="form-check-input"') == 2


def test_what_people_typed_is_escaped_in_blocks_and_data():
    evil = '"><script>alert(1)</script>'
    html = draw('{% notice "near" title %}{{ title }}{% endnotice %}{% chart data "c" %}', title=evil,
                data={"title": evil, "points": [{"label": evil, "value": None}]})  # fmt: skip
    assert "<script" not in html


def test_notes_in_templates_do_not_print_themselves():
    """Django's short comment ends with its line; a longer one would appear on the page."""
    for path in TEMPLATES.rglob("*.html"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert line.count("{#") == line.count("#}"), f"{path}: {line}"


def test_chart_on_the_page_and_on_paper_is_read_by_the_same_words():
    told = "空心点和虚线：有园未报齐，暂计。断开：当月无数据。"
    points = [{"label": "2026年10月", "value": "49.00", "provisional": True}]
    assert told in draw('{% chart data "c" %}', data={"title": "占比", "points": points})
    paper = (TEMPLATES / "reports/documents/papers/monthly_rates.html").read_text(encoding="utf-8")
    note = re.search(r'<p class="note">图：.*?</p>', paper)
    assert note
    assert told in words(draw(note.group()))
