"""Keys for other systems: given no wider than the giver's place, shown once, taken back for good."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiToken, ApiTokenUse, Organisation
from accounts.tokens.services import TokenNotIssued, TokenRefused, bearer_of, count_use, find, issue
from tests.conftest import acting
from tests.signing_in import shown_who_they_are
from tests.small_county import NOW, SmallCounty

pytestmark = pytest.mark.django_db
LAST_DAY = dt.date(2027, 6, 30)


def office(region) -> Organisation:
    return Organisation.objects.get_or_create(
        region=region, kind="bureau", defaults={"name": f"{region}教育局"}
    )[0]


def test_never_wider_than_the_giver_or_the_organisation_nor_longer_than_a_year(small: SmallCounty):
    giver = acting(small.officer(role="security_administrator"))
    town = small.town("甲镇")
    kindergarten = small.kindergarten(town, "示例一园").organisation

    def refused(**other) -> str:
        asked = {"organisation": office(small.county), "region": small.county, "name": "平台",
                 "last_day": LAST_DAY, "by": giver, "now": NOW} | other  # fmt: skip
        with pytest.raises(TokenNotIssued) as refusal:
            issue(**asked)
        return refusal.value.field

    assert refused(organisation=office(small.other_county)) == "organisation"
    assert refused(organisation=kindergarten) == "organisation"
    assert refused(region=small.city) == "region"
    assert refused(organisation=office(town), region=small.county) == "region"
    assert refused(last_day=NOW.date() + dt.timedelta(days=366)) == "last_day"
    assert refused(last_day=NOW.date() - dt.timedelta(days=1)) == "last_day"
    assert not ApiToken.objects.exists()


def test_a_key_ends_with_its_last_day_and_when_its_place_leaves_the_organisation(small):
    giver = acting(small.officer(role="security_administrator"))
    bureau = office(small.county)
    token, secret = issue(
        organisation=bureau, region=small.county, name="平台", last_day=LAST_DAY, by=giver, now=NOW
    )
    assert secret not in str(vars(token))
    evening = dt.datetime(2027, 6, 30, 23, 59, tzinfo=NOW.tzinfo)
    assert bearer_of(find(secret), now=evening).acting.organisation.region == small.county
    with pytest.raises(TokenRefused, match="到期"):
        bearer_of(find(secret), now=evening + dt.timedelta(minutes=1))
    Organisation.objects.filter(pk=bureau.pk).update(region=small.other_county, name="迁走的局")
    with pytest.raises(TokenRefused, match="范围"):
        bearer_of(find(secret), now=NOW)


def test_the_page_shows_a_key_once_and_takes_it_back_with_a_reason(small: SmallCounty, sign_in):
    giver = small.officer(role="security_administrator")
    client = shown_who_they_are(sign_in(giver))
    bureau = office(small.county)
    form = {"organisation": bureau.pk, "region_code": small.county.code, "name": "区数据平台",
            "last_day": (timezone.localdate() + dt.timedelta(days=90)).isoformat()}  # fmt: skip
    wrong = client.post(reverse("api-token-new"), {**form, "region_code": small.city.code})
    assert wrong.status_code == 422
    assert "不能超出" in wrong.content.decode()
    issued = client.post(reverse("api-token-new"), form)
    token = ApiToken.objects.get()
    assert token.begins_with in issued.content.decode()
    assert token.last_day.isoformat() == form["last_day"]
    count_use(token, now=timezone.now())
    count_use(token, now=timezone.now(), refused=True)
    page = client.get(reverse("api-tokens")).content.decode()
    assert "区数据平台" in page
    assert issued.context["secret"] not in page
    assert client.post(reverse("api-token-revoke", args=[token.pk])).status_code == 422
    client.post(reverse("api-token-revoke", args=[token.pk]), {"reason": "系统停用"})
    token.refresh_from_db()
    assert token.revoked_reason == "系统停用"
    assert "系统停用" in client.get(reverse("api-tokens")).content.decode()


def test_keys_are_seen_by_who_gives_them_out_in_that_place(small: SmallCounty):
    giver = acting(small.officer(role="security_administrator"))
    token, _ = issue(
        organisation=office(small.county), region=small.county, name="平台", last_day=LAST_DAY,
        by=giver, now=NOW,
    )  # fmt: skip
    count_use(token, now=NOW)
    for region, role, seen in (
        (small.city, "security_administrator", 1),
        (small.other_county, "security_administrator", 0),
        (small.county, "bureau_officer", 0),
        (small.county, "audit_administrator", 0),
    ):
        user = acting(small.officer(region, role))
        assert ApiToken.objects.visible_to(user).count() == seen
        assert ApiTokenUse.objects.visible_to(user).count() == seen
