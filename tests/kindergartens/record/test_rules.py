"""What a record may say: names, codes, position, hours, the licence."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from kindergartens.record import naming, rules
from kindergartens.record.rules import LicenceState, Severity

BEFORE, AFTER = dt.date(2019, 9, 1), dt.date(2024, 9, 1)


def found(findings: list[rules.Finding]) -> list[tuple[str, str]]:
    return [(finding.field, finding.severity.value) for finding in findings]


@pytest.mark.parametrize(
    ("name", "since", "severities"),
    [
        ("王庆坨镇春芽幼儿园", AFTER, []),
        # Put in front: no room to judge, from the day the rules are in force.
        ("中国小太阳幼儿园", AFTER, ["stop"]),
        ("国际花园幼儿园", AFTER, ["stop"]),
        ("国际花园幼儿园", BEFORE, ["reason"]),
        ("国际花园幼儿园", dt.date(2022, 6, 1), ["stop"]),
        ("国际花园幼儿园", dt.date(2022, 5, 31), ["reason"]),
        # Within the name it may be the name of a place.
        ("武清国际花园幼儿园", AFTER, ["reason"]),
        ("武清ABC幼儿园", AFTER, ["stop"]),
        ("武清ＡＢＣ幼儿园", AFTER, ["stop"]),
        ("武清Kids幼儿园", BEFORE, ["reason"]),
        ("武清双语艺术幼儿园", AFTER, ["reason", "reason"]),
        ("大寺村幼儿园", AFTER, ["reason"]),
        ("巴黎春天幼儿园", AFTER, ["reason"]),
        ("剑桥双语幼儿园", AFTER, ["reason", "reason"]),
    ],
)
def test_names_by_the_rules_of_2022(name: str, since: dt.date, severities: list[str]) -> None:
    findings = naming.check_name(name, private=True, used_from=since)
    assert [finding.severity.value for finding in findings] == severities
    for finding in findings:
        assert finding.field == "name"
        assert "教基〔2021〕8号" in finding.source


@pytest.mark.parametrize(
    ("name", "private", "borrowed"),
    [
        ("武清区第一幼儿园杨村分园", True, True),
        ("武清区第一幼儿园杨村分园", False, False),
        ("第一实验杨村幼儿园", True, False),
        ("武清区第一蓓蕾幼儿园", True, True),
        ("春芽幼儿园", True, False),
    ],
)
def test_a_private_one_does_not_borrow_a_public_schools_name(
    name: str, private: bool, borrowed: bool
) -> None:
    schools = ["武清区第一幼儿园", "一园", "春芽"]
    findings = naming.check_name(
        name, private=private, used_from=AFTER, public_schools=naming.school_names(schools)
    )
    assert [finding.severity for finding in findings] == ([Severity.REASON] if borrowed else [])


@pytest.mark.parametrize(
    ("code", "province", "severity"),
    [
        ("1112000001", "12", None),
        ("1112000001", "15", "reason"),
        ("2112000001", "12", "stop"),  # a primary school's
        ("111200001", "12", "stop"),
        ("11120000011", "12", "stop"),
        ("11１2000001", "12", "stop"),
        ("1112O00001", "12", "stop"),
        ("", "12", "stop"),
    ],
)
def test_school_codes(code: str, province: str, severity: str | None) -> None:
    findings = rules.check_code(code, province=province)
    assert found(findings) == ([("code", severity)] if severity else [])


@pytest.mark.parametrize(
    ("code", "severity"),
    [("2112000001", None), ("1112000001", None), ("2115000001", "reason"), ("21120001", "stop")],
)
def test_classes_of_a_school_use_its_code(code: str, severity: str | None) -> None:
    findings = rules.check_code(code, province="12", attached=True)
    assert found(findings) == ([("code", severity)] if severity else [])


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("11１2 000-001", "1112000001"), ("91350203m0001qay9b", "91350203M0001QAY9B"), ("　", "")],
)
def test_codes_are_put_right_before_they_are_checked(typed: str, kept: str) -> None:
    assert rules.normal_code(typed) == kept


@pytest.mark.parametrize(
    ("number", "severity"),
    [
        ("91350200776049653A", None),
        ("91350200MA31E12PXF", None),
        ("91440101MA5CJQ4N59", None),
        ("123502001549897397", None),
        ("", None),
        # On a real certificate, and its check digit fails.
        ("91350203M0001QAY9B", "reason"),
        ("91350200776049653B", "reason"),
        ("91350200776O49653A", "stop"),
        ("9135020077604965", "stop"),
    ],
)
def test_credit_codes(number: str, severity: str | None) -> None:
    assert found(rules.check_uscc(number)) == ([("uscc", severity)] if severity else [])


@given(st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17), st.data())
def test_one_wrong_character_of_a_credit_code_is_always_noticed(
    body: str, data: st.DataObject
) -> None:
    right = body + uscc.calc_check_digit(body)
    assert rules.check_uscc(right) == []
    place = data.draw(st.integers(0, 17))
    other = data.draw(st.sampled_from([c for c in rules_alphabet() if c != right[place]]))
    wrong = right[:place] + other + right[place + 1 :]
    assert found(rules.check_uscc(wrong)) == [("uscc", "reason")]


def rules_alphabet() -> str:
    return "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize(
    ("typed", "kept", "refused"),
    [
        ("022-29990000", "022-29990000", False),
        ("02229990000", "022-29990000", False),
        ("（022）29990000", "022-29990000", False),
        ("022—2999 0000", "022-2999-0000", True),
        ("0472-2345678-12", "0472-2345678-12", False),
        ("400-123-4567", "400-123-4567", False),
        ("13800001234", "13800001234", True),
        ("29990000", "29990000", True),
        ("", "", False),
    ],
)
def test_landlines(typed: str, kept: str, refused: bool) -> None:
    assert rules.normal_landline(typed) == kept
    findings = rules.check_landline(kept)
    assert bool(findings) == refused
    if typed == "13800001234":
        assert "个人手机号" in findings[0].text


WUQING = [(Decimal("39.38"), Decimal("117.04")), (Decimal("39.42"), Decimal("116.90")),
          (Decimal("39.30"), Decimal("117.10"))]  # fmt: skip


@pytest.mark.parametrize(
    ("latitude", "longitude", "severity", "words"),
    [
        (None, None, None, ""),
        ("39.40", "117.00", None, ""),
        ("39.40", None, "stop", "没有填经度"),
        (None, "117.00", "stop", "没有填纬度"),
        ("117.00", "39.40", "stop", "填反了"),
        ("48.85", "2.35", "stop", "不在中国境内"),
        # Baotou is some 600 km away.
        ("40.64", "109.84", "reason", "公里"),
    ],
)
def test_positions(
    latitude: str | None, longitude: str | None, severity: str | None, words: str
) -> None:
    findings = rules.check_position(
        Decimal(latitude) if latitude else None,
        Decimal(longitude) if longitude else None,
        area=rules.area_of(WUQING),
        county="武清区",
    )
    assert [finding.severity.value for finding in findings] == ([severity] if severity else [])
    assert all(words in finding.text for finding in findings)


def test_without_neighbours_no_position_is_far() -> None:
    area = rules.area_of(WUQING[:2])
    assert area is None
    assert rules.check_position(Decimal("40.64"), Decimal("109.84"), area=area) == []


T = dt.time


@pytest.mark.parametrize(
    ("county", "ownership", "arrival", "summer", "winter", "expected"),
    [
        ("120114", "public", T(7, 30), T(17), T(16, 30), []),
        ("120114", "public", T(7, 30), T(16, 59), T(16, 30), [("leaving_summer", "note")]),
        ("120114", "public", T(7, 30), T(17), T(16, 29), [("leaving_winter", "note")]),
        ("120114", "inclusive_private", T(7, 30), T(16), T(16), []),
        ("150203", "public", T(7, 30), T(16), T(16), []),
        ("120114", "public", None, None, None, []),
        ("120114", "public", T(17), T(17), None, [("leaving_summer", "stop")]),
    ],
)
def test_hours(county, ownership, arrival, summer, winter, expected) -> None:
    findings = rules.check_hours(arrival, summer, winter, county=county, ownership=ownership)
    assert found(findings) == expected


@pytest.mark.parametrize(
    ("until", "state"),
    [
        (None, LicenceState.MISSING),
        (dt.date(2026, 11, 25), LicenceState.EXPIRED),
        (dt.date(2026, 11, 26), LicenceState.EXPIRING),
        (dt.date(2027, 2, 24), LicenceState.EXPIRING),
        (dt.date(2027, 2, 25), LicenceState.VALID),
    ],
)
def test_licences(until: dt.date | None, state: LicenceState) -> None:
    assert rules.licence_state(until, dt.date(2026, 11, 26)) == state


def test_false_and_nought_are_answers_and_nothing_is_not() -> None:
    found = rules.completeness([False, 0, "", None, "有"])
    assert (found.filled, found.asked, found.percent) == (3, 5, 60)
    # Never 100 while something is missing.
    assert rules.completeness([1] * 199 + [None]).percent == 99
