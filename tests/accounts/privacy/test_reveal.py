"""A number is masked everywhere; seen whole only by whom it concerns, with a reason on record."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.access.scope import people_in_area
from accounts.history.recording import Action, record_access
from accounts.models import AccessRecord, User
from accounts.privacy import rules, services
from accounts.releases.rules import PERSONS_A_DAY
from accounts.releases.services import QuotaUsed, persons_today
from tests.accounts.people.conftest import enter
from tests.conftest import acting
from tests.small_county import NOW, SmallCounty

SignIn = Callable[[User], Client]
CANARY = "13987654321"
MASKED = "139****4321"
REASON = "核实10月月报，电话联系园长"
WHOLE_NUMBER = re.compile(r"(?<![\d.])1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[\dXx](?!\d)")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13800001234", "13800001234"), (" 138 0000 1234 ", "13800001234"),
        ("138-0000-1234", "13800001234"), ("+8613800001234", "13800001234"),
        ("008613800001234", "13800001234"), ("１３８００００１２３４", "13800001234"), ("", ""),
        ("  ", ""),
    ],
)  # fmt: skip
def test_one_spelling_of_a_number(typed: str, kept: str) -> None:
    assert rules.normal_phone(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "1391234567",
        "139123456789",
        "12800001234",
        "010-12345678",
        "无",
        "١٣٨٠٠٠٠١٢٣٤",
        "+1 2025550100",
    ],
)
def test_what_is_no_number_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(rules.NotAPhone, match="11位") as refused:
        rules.normal_phone(typed)
    assert typed not in str(refused.value)


def test_masks() -> None:
    assert rules.mask_phone("13812341234") == "138****1234"
    assert rules.mask_phone("") == rules.mask_id("") == ""
    assert rules.mask_phone("12345") == "***********"
    assert rules.mask_id("110101199003071234") == "110***********1234"
    assert rules.mask_id("G12345678") == "*******78"
    assert rules.mask_id("1234") == "****"


class Scene:
    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        town = small.town("甲镇")
        small.populate(small.county, 300)
        self.kindergarten = small.kindergarten(town, "示例一园")
        self.director = acting(small.person("园长", self.kindergarten.organisation, "director"))
        services.set_phone(user=self.director, phone=CANARY)
        self.officer = acting(small.officer())
        self.leader = acting(small.officer(role="bureau_leader"))
        self.stranger = acting(small.officer(small.other_county))


@pytest.fixture
def scene(small: SmallCounty) -> Iterator[Scene]:
    with time_machine.travel(NOW, tick=True):
        yield Scene(small)


@pytest.fixture
def sign_in(client: Client) -> SignIn:
    """Signed in with a proof that is new enough to see a number."""

    def entered(user: User) -> Client:
        enter(client, user)
        return client

    return entered


def test_a_number_is_not_seen_from_a_screen_left_open(scene: Scene, client: Client) -> None:
    client.force_login(scene.officer)
    answer = client.post(reverse("reveal-phone", args=[scene.director.pk]), {"reason": REASON})
    assert answer.status_code == 401
    assert CANARY not in answer.content.decode()
    assert AccessRecord.objects.filter(action="reveal").count() == 0


def test_pages_show_the_mask_and_the_way_to_whom_it_is_open(scene: Scene, sign_in: SignIn) -> None:
    page = reverse("kindergarten-detail", args=[scene.kindergarten.code])
    way = reverse("reveal-phone", args=[scene.director.pk])
    for person, sees_way in ((scene.officer, True), (scene.leader, False), (scene.director, False)):
        text = sign_in(person).get(page).content.decode()
        assert MASKED in text
        assert not WHOLE_NUMBER.search(text)
        assert (way in text) is sees_way
    own = sign_in(scene.director).get(reverse("own-phone")).content.decode()
    assert MASKED in own
    assert not WHOLE_NUMBER.search(own.replace("13800001234", ""))


def test_the_reason_comes_first_and_stays_on_record(scene: Scene, sign_in: SignIn) -> None:
    url = reverse("reveal-phone", args=[scene.director.pk])
    client = sign_in(scene.officer)
    first = client.get(url).content.decode()
    assert MASKED in first
    assert CANARY not in first
    for reason in ("", "看", "   ", "字" * 201, f"给{CANARY}打电话", "给139 8765 4321打电话"):
        answer = client.post(url, {"reason": reason})
        assert answer.status_code == 422
        assert "<b>" + CANARY not in answer.content.decode()
    assert AccessRecord.objects.filter(action="reveal").count() == 0
    answer = client.post(url, {"reason": f"  {REASON} "})
    assert CANARY in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    record = AccessRecord.objects.get(action="reveal")
    assert record.user == scene.officer
    assert (record.object_kind, record.object_id) == ("accounts.user", str(scene.director.pk))
    assert (record.reason, record.persons, record.outcome) == (REASON, 1, "done")
    assert CANARY not in str(vars(record))
    # Looking again is another record.
    assert CANARY not in client.get(url).content.decode()


def test_only_for_people_of_the_own_area(scene: Scene, sign_in: SignIn) -> None:
    url = reverse("reveal-phone", args=[scene.director.pk])
    assert sign_in(scene.stranger).post(url, {"reason": REASON}).status_code == 404
    assert sign_in(scene.leader).post(url, {"reason": REASON}).status_code == 403
    for person in (scene.stranger, scene.leader, scene.director):
        with pytest.raises(PermissionDenied):
            services.reveal_phone(person=scene.director, reason=REASON, by=person, now=NOW)
    assert AccessRecord.objects.filter(action="reveal").count() == 0


def test_looks_count_with_small_exports_and_end_at_the_days_quota(
    scene: Scene, sign_in: SignIn
) -> None:
    with time_machine.travel(NOW, tick=False):
        record_access(Action.EXPORT, by=scene.officer, at=NOW, rows=9, persons=PERSONS_A_DAY - 2)
        client = sign_in(scene.officer)
        url = reverse("reveal-phone", args=[scene.director.pk])
        for count in (1, 2):
            assert CANARY in client.post(url, {"reason": REASON}).content.decode()
            assert persons_today(scene.officer, NOW) == PERSONS_A_DAY - 2 + count
        answer = client.post(url, {"reason": REASON})
        assert answer.status_code == 422
        text = answer.content.decode()
        assert CANARY not in text
        assert "到了每天100人次的上限" in text
        assert AccessRecord.objects.filter(action="reveal").count() == 2
        # The other way round: who looked so often takes no small file out either.
        assert persons_today(scene.officer, NOW) == PERSONS_A_DAY
    tomorrow = NOW + dt.timedelta(days=1)
    assert services.reveal_phone(
        person=scene.director, reason=REASON, by=scene.officer, now=tomorrow
    )
    with pytest.raises(QuotaUsed):
        services.reveal_phone(person=scene.director, reason=REASON, by=scene.officer, now=NOW)


def test_who_is_in_whose_area(scene: Scene) -> None:
    small = scene.small
    assert scene.director in people_in_area(scene.officer)
    assert scene.leader in people_in_area(scene.officer)
    assert scene.stranger not in people_in_area(scene.officer)
    assert set(people_in_area(scene.director)) == {scene.director}
    city = acting(small.officer(small.city, "city_officer"))
    assert {scene.director, scene.stranger} <= set(people_in_area(city))
    for role in ("system_administrator", "security_administrator", "audit_administrator"):
        administrator = acting(small.officer(role=role))
        assert not people_in_area(administrator).exists()
    assert not people_in_area(User()).exists()


def test_own_number_is_kept_checked_and_removed(scene: Scene, sign_in: SignIn) -> None:
    url = reverse("own-phone")
    client = sign_in(scene.officer)
    assert client.post(url, {"phone": "139 1234 5678"}).status_code == 302
    assert User.objects.get(pk=scene.officer.pk).phone == "13912345678"
    answer = client.post(url, {"phone": "139123"})
    assert answer.status_code == 422
    assert "11位" in answer.content.decode()
    assert User.objects.get(pk=scene.officer.pk).phone == "13912345678"
    assert client.post(url, {"phone": "  "}).status_code == 422
    assert User.objects.get(pk=scene.officer.pk).phone == "13912345678"
    foreign = {"user": scene.director.pk, "pk": scene.director.pk, "user_id": scene.director.pk}
    client.post(url, {"phone": "", "action": "remove", **foreign})
    assert User.objects.get(pk=scene.officer.pk).phone == ""
    assert User.objects.get(pk=scene.director.pk).phone == CANARY


def test_an_error_and_its_log_hold_no_number(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A page crashes with the number in hand: neither the answer nor the log may show it."""

    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("crashed on purpose")

    client = Client(raise_request_exception=False)
    enter(client, scene.officer)
    url = reverse("reveal-phone", args=[scene.director.pk])
    with caplog.at_level(logging.DEBUG):
        monkeypatch.setattr("accounts.privacy.views.render", crash)
        answer = client.post(url, {"reason": REASON})
        assert answer.status_code == 500
        own = client.post(reverse("own-phone"), {"phone": f"{CANARY}9"})
        assert own.status_code == 500
        monkeypatch.setattr("accounts.history.recording.AccessRecord.objects.create", crash)
        assert client.post(url, {"reason": REASON}).status_code == 500
    logged = caplog.text + "".join(
        logging.Formatter().formatException(record.exc_info)
        for record in caplog.records
        if record.exc_info
    )
    assert "crashed on purpose" in logged
    for text in (answer.content.decode(), own.content.decode(), logged):
        assert CANARY not in text
        assert CANARY[3:] not in text


@pytest.mark.parametrize("harm", ["another key", "damaged text", "no ciphertext"])
def test_a_number_that_does_not_open_breaks_no_page(
    scene: Scene, sign_in: SignIn, settings, caplog, harm: str
) -> None:
    if harm == "another key":
        settings.FIELD_KEYS = ["other:" + "ab" * 32]
    else:
        cut = "left(phone, -8) || 'AAAAAA=='" if harm == "damaged text" else "'13900001111'"
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE accounts_user SET phone = {cut} WHERE id = %s",  # noqa: S608
                [scene.director.pk],
            )
    reveal = reverse("reveal-phone", args=[scene.director.pk])
    officer = sign_in(scene.officer)
    for answer in (
        officer.get(reverse("kindergarten-detail", args=[scene.kindergarten.code])),
        officer.get(reveal),
        officer.post(reveal, {"reason": REASON}),
        sign_in(scene.director).get(reverse("own-phone")),
    ):
        assert answer.status_code == 200
        assert "无法读取" in answer.content.decode()
    # No number was seen, so none is on record as seen.
    assert not AccessRecord.objects.filter(action="reveal").exists()
    lines = [r for r in caplog.records if r.name == "accounts.privacy.presenters"]
    assert lines
    assert all(r.levelname == "ERROR" and str(scene.director.pk) in r.message for r in lines)
    # Whoever types it again mends it.
    client = sign_in(scene.director)
    assert client.post(reverse("own-phone"), {"phone": CANARY}).status_code == 302
    assert MASKED in client.get(reverse("own-phone")).content.decode()
