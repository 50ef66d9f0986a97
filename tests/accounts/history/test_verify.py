"""Whatever somebody who owns the database does to history, verify_history names the row."""

from __future__ import annotations

import datetime as dt
import hashlib
import re

import pytest

from accounts.history import anchors
from accounts.history.chain import What, verify
from accounts.history.context import because
from accounts.history.recording import Action, record_access
from accounts.models import (
    AccessRecord,
    Authenticator,
    HistoryBlock,
    HistoryEntry,
    Organisation,
)
from accounts.privacy.rotation import rotate
from accounts.privacy.services import set_phone
from accounts.sign_in import second_factor
from kindergartens.models import ClassCount, FilingVersion, KindergartenStatus
from tests.accounts.history.conftest import close_chain, sql
from tests.small_county import NOW, SmallCounty

EVENTS = "kindergartens_kindergartenstatuschange"


@pytest.fixture
def history(small: SmallCounty) -> SmallCounty:
    """Two kindergartens, a return, a change of status and three acts, each its own block."""
    town = small.town("甲镇")
    first = small.kindergarten(town, "示例一园")
    small.kindergarten(town, "示例二园", ownership="inclusive_private")
    close_chain()
    small.file(first, 24)
    close_chain()
    with because("区里认定"):
        KindergartenStatus.objects.filter(kindergarten=first).update(half_day=True)
    close_chain()
    for rows in (3, 4, 5):
        record_access(Action.EXPORT, by=None, at=NOW, rows=rows)
        close_chain()
    assert verify().findings == []
    return small


def found(**known: object) -> list[tuple[What, str, str]]:
    return [(f.what, f.table, f.id) for f in verify(**known).findings]


def test_untouched_history_is_sound(history: SmallCounty) -> None:
    result = verify()
    assert result.sound
    assert result.rows == HistoryEntry.objects.count() > 30
    assert result.position == HistoryBlock.objects.count() >= 6


def test_an_altered_value_is_named(history: SmallCounty, tamper) -> None:
    ((pk,),) = sql(f"SELECT max(pgh_id) FROM {EVENTS}")
    tamper(f"UPDATE {EVENTS} SET ownership = 'public', reason = 'x' WHERE pgh_id = %s", pk)
    assert (What.ALTERED, EVENTS, str(pk)) in found()


def test_a_changed_actor_is_named(history: SmallCounty, tamper) -> None:
    ((pk,),) = sql(f"SELECT max(pgh_id) FROM {EVENTS}")
    tamper(
        f"UPDATE {EVENTS} SET pgh_context = pgh_context || '{{\"user\": 7}}' WHERE pgh_id = %s", pk
    )
    assert found() == [(What.ALTERED, EVENTS, str(pk))]


@pytest.mark.parametrize("model", [ClassCount, FilingVersion, AccessRecord])
def test_a_changed_row_that_is_its_own_history_is_named(
    history: SmallCounty, tamper, model
) -> None:
    table = model._meta.db_table
    column = {
        "ClassCount": "boys = boys - 1, girls = girls + 1",
        "FilingVersion": "remarks = 'x'",
        "AccessRecord": "rows = 1",
    }[model.__name__]
    pk = model.objects.latest("pk").pk
    tamper(f"UPDATE {table} SET {column} WHERE id = %s", pk)
    assert found() == [(What.ALTERED, table, str(pk))]


def test_a_deleted_row_is_named(history: SmallCounty, tamper) -> None:
    pk = AccessRecord.objects.get(rows=4).pk
    tamper("DELETE FROM accounts_accessrecord WHERE id = %s", pk)
    assert found() == [(What.DELETED, "accounts_accessrecord", str(pk))]


def test_a_row_written_past_the_triggers_is_named(history: SmallCounty, tamper) -> None:
    tamper(
        "INSERT INTO accounts_accessrecord (id, at, action, outcome, request_id, object_kind,"
        " object_id, reason) VALUES (77777, now(), 'print', 'done', '', '', '', '')"
    )
    assert found() == [(What.INSERTED, "accounts_accessrecord", "77777")]


def test_swapped_rows_are_both_named(history: SmallCounty, tamper) -> None:
    one, other = AccessRecord.objects.filter(rows__in=[3, 5]).order_by("rows")
    tamper(
        "UPDATE accounts_accessrecord SET rows = CASE rows WHEN 3 THEN 5 ELSE 3 END"
        " WHERE id IN (%s, %s)",
        one.pk,
        other.pk,
    )
    assert found() == [
        (What.ALTERED, "accounts_accessrecord", str(one.pk)),
        (What.ALTERED, "accounts_accessrecord", str(other.pk)),
    ]


def test_a_removed_place_in_the_chain_is_named(history: SmallCounty, tamper) -> None:
    entry = HistoryEntry.objects.get(
        shape__table="accounts_accessrecord", row_id=str(AccessRecord.objects.get(rows=4).pk)
    )
    tamper("DELETE FROM accounts_historyentry WHERE id = %s", entry.pk)
    block = HistoryBlock.objects.get(first_entry=entry.pk)
    assert found() == [
        (What.ALTERED_BLOCK, "accounts_historyblock", str(block.pk)),
        (What.INSERTED, "accounts_accessrecord", entry.row_id),
    ]


def test_a_row_removed_together_with_its_place_is_noticed(history: SmallCounty, tamper) -> None:
    record = AccessRecord.objects.get(rows=4)
    entry = HistoryEntry.objects.get(shape__table="accounts_accessrecord", row_id=str(record.pk))
    block = HistoryBlock.objects.get(first_entry=entry.pk)
    tamper("DELETE FROM accounts_historyentry WHERE id = %s", entry.pk)
    tamper("DELETE FROM accounts_accessrecord WHERE id = %s", record.pk)
    assert found() == [(What.ALTERED_BLOCK, "accounts_historyblock", str(block.pk))]


def test_an_altered_row_with_a_new_digest_is_named(history: SmallCounty, tamper) -> None:
    record = AccessRecord.objects.get(rows=4)
    tamper("UPDATE accounts_accessrecord SET rows = 40 WHERE id = %s", record.pk)
    redigest(tamper, record)
    (finding,) = verify().findings
    assert finding.what == What.ALTERED_BLOCK
    assert finding.holds == f"accounts_accessrecord {record.pk}"


def redigest(tamper, record: AccessRecord) -> HistoryEntry:
    from accounts.history.canonical import digest_sql
    from accounts.history.tracking import SEALED

    columns = SEALED[AccessRecord].columns
    tamper(
        f"UPDATE accounts_historyentry e SET digest = {digest_sql(columns, 'r')}"
        " FROM accounts_accessrecord r WHERE r.id::text = e.row_id AND r.id = %s"
        " AND e.shape_id = (SELECT id FROM accounts_historyshape"
        " WHERE \"table\" = 'accounts_accessrecord')",
        record.pk,
    )
    return HistoryEntry.objects.get(shape__table="accounts_accessrecord", row_id=str(record.pk))


def test_a_removed_block_is_named(history: SmallCounty, tamper) -> None:
    last = HistoryBlock.objects.count()
    tamper("DELETE FROM accounts_historyblock WHERE position = %s", last - 1)
    assert (What.MISSING_BLOCK, "accounts_historyblock", str(last - 1)) in found()


def test_swapped_blocks_are_noticed(history: SmallCounty, tamper) -> None:
    last = HistoryBlock.objects.count()
    tamper("UPDATE accounts_historyblock SET position = -1 WHERE position = %s", last)
    tamper("UPDATE accounts_historyblock SET position = %s WHERE position = %s", last, last - 1)
    tamper("UPDATE accounts_historyblock SET position = %s WHERE position = -1", last - 1)
    named = [what for what, _, _ in found()]
    assert named.count(What.ALTERED_BLOCK) == 2


def test_a_cut_tail_is_noticed(history: SmallCounty, tamper) -> None:
    """Rows, entries and blocks gone together: only the head knows there was more."""
    cut_tail(tamper)
    assert [what for what, _, _ in found()] == [What.HEAD]


def cut_tail(tamper) -> None:
    block = HistoryBlock.objects.latest("position")
    row = HistoryEntry.objects.get(pk=block.first_entry).row_id
    tamper("DELETE FROM accounts_accessrecord WHERE id = %s", int(row))
    tamper("DELETE FROM accounts_historyentry WHERE id = %s", block.first_entry)
    tamper("DELETE FROM accounts_historyblock WHERE position = %s", block.pk)


def test_a_cut_tail_stays_noticed_when_history_goes_on(history: SmallCounty, tamper) -> None:
    cut_tail(tamper)
    gap = HistoryBlock.objects.count() + 1
    record_access(Action.EXPORT, by=None, at=NOW, rows=6)
    close_chain()
    assert found() == [(What.MISSING_BLOCK, "accounts_historyblock", str(gap))]


def test_a_tail_cut_with_its_head_is_found_by_the_anchor(history: SmallCounty, tamper) -> None:
    printed = str(anchors.drop_anchor(now=NOW))
    close_chain()
    record = AccessRecord.objects.get(rows=5)
    before = HistoryBlock.objects.get(
        first_entry=HistoryEntry.objects.get(
            shape__table="accounts_accessrecord", row_id=str(record.pk)
        ).pk
    ).position
    forget_everything_from(tamper, before)
    assert found() == []
    assert found(printed_anchors=printed) == [(What.ANCHOR, "锚点文件", str(before))]


def forget_everything_from(tamper, position: int) -> None:
    """As if an older backup had been restored."""
    tamper("DELETE FROM accounts_accessrecord WHERE rows = 5")
    tamper("DELETE FROM accounts_historyanchor")
    tamper(
        "DELETE FROM accounts_historyentry e USING accounts_historyblock b WHERE b.position >= %s"
        " AND b.transaction = e.transaction AND e.id BETWEEN b.first_entry AND b.last_entry",
        position,
    )
    tamper("DELETE FROM accounts_historyblock WHERE position >= %s", position)
    tamper(
        "UPDATE accounts_historyhead SET position = b.position, digest = b.digest FROM"
        " (SELECT * FROM accounts_historyblock ORDER BY position DESC LIMIT 1) b"
    )


def test_a_chain_rewritten_from_the_altered_row_on_is_found_by_the_anchor(
    history: SmallCounty, tamper
) -> None:
    anchor = anchors.drop_anchor(now=NOW)
    close_chain()
    record = AccessRecord.objects.get(rows=4)
    tamper("UPDATE accounts_accessrecord SET rows = 40 WHERE id = %s", record.pk)
    entry = redigest(tamper, record)
    rewrite_from(tamper, HistoryBlock.objects.get(first_entry=entry.pk).position)
    # Everything fits again, the head too; but what was signed was another chain.
    assert [what for what, _, _ in found()] == [What.ANCHOR]
    assert [what for what, _, _ in found(printed_anchors=f"INFO x {anchor}")] == [What.ANCHOR] * 2


def rewrite_from(tamper, position: int) -> None:
    """Recompute all digests as the triggers do, as somebody who has read them would."""
    before = HistoryBlock.objects.filter(position=position - 1).first()
    previous = bytes(before.digest) if before else b""
    for block in HistoryBlock.objects.filter(position__gte=position).order_by("position"):
        lines = "\n".join(
            f"{e.pk}|{e.shape_id}|{e.row_id}|{bytes(e.digest).hex()}"
            for e in HistoryEntry.objects.filter(
                transaction=block.transaction, pk__range=(block.first_entry, block.last_entry)
            ).order_by("pk")
        )
        micros = (block.sealed_at - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(
            microseconds=1
        )
        text = (
            f"{block.position}|{block.transaction}|{micros}|{block.entries}|"
            f"{block.first_entry}|{block.last_entry}|{lines}"
        )
        previous = hashlib.sha256(previous + text.encode()).digest()
        tamper(
            "UPDATE accounts_historyblock SET digest = %s WHERE position = %s",
            previous,
            block.position,
        )
    tamper("UPDATE accounts_historyhead SET digest = %s", previous)


def test_an_anchor_signed_by_somebody_else_is_noticed(history: SmallCounty, settings) -> None:
    settings.HISTORY_KEYS = ["a" * 40]
    foreign = anchors.drop_anchor(now=NOW)
    close_chain()
    assert found() == []
    settings.HISTORY_KEYS = ["b" * 40]
    assert [what for what, _, _ in found()] == [What.FORGED_ANCHOR]
    settings.HISTORY_KEYS = ["b" * 40, "a" * 40]
    assert found(printed_anchors=str(foreign)) == []


def test_a_live_row_changed_past_the_triggers_is_named(history: SmallCounty, tamper) -> None:
    pk = Organisation.objects.latest("pk").pk
    tamper("UPDATE accounts_organisation SET name = '改过' WHERE id = %s", pk)
    assert found() == [(What.LIVE, "accounts_organisation", str(pk))]


def test_a_live_row_removed_past_the_triggers_is_named(history: SmallCounty, tamper) -> None:
    status = KindergartenStatus.objects.latest("pk")
    tamper("DELETE FROM kindergartens_kindergartenstatus WHERE id = %s", status.pk)
    assert found() == [(What.LIVE, "kindergartens_kindergartenstatus", str(status.pk))]


def test_a_shape_that_hides_a_column_is_noticed(history: SmallCounty, tamper) -> None:
    tamper(
        "UPDATE accounts_historyshape SET columns = 'id,at@' WHERE \"table\" = 'accounts_accessrecord'"
    )
    assert {what for what, _, _ in found()} == {What.ALTERED}
    tamper(
        "UPDATE accounts_historyshape SET columns = 'id); DROP TABLE x; --'"
        " WHERE \"table\" = 'accounts_accessrecord'"
    )
    assert What.UNKNOWN_TABLE in {what for what, _, _ in found()}


SECRETS = {
    "password hash": ("accounts_user", "id", "password = 'argon2$forged'"),
    "number": ("accounts_user", "id", "phone = 'aes256gcm.tests.r.Zm9yZ2Vk'"),
    "number taken away": ("accounts_user", "id", "phone = ''"),
    "authenticator": ("accounts_authenticatorkey", "device_id", "key = 'aes256gcm.tests.r.eA=='"),
    "authenticator of another": ("accounts_authenticatorkey", "device_id", "user_id = user_id - 1"),
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_changed_past_the_triggers_is_named(
    history: SmallCounty, tamper, name: str
) -> None:
    other, user = history.officer(), history.officer()
    set_phone(user=user, phone="13987654321")
    set_phone(user=other, phone="13800001234")
    app = second_factor.offer(user)
    close_chain()
    assert found() == []
    table, key, change = SECRETS[name]
    pk = app.pk if key == "device_id" else user.pk
    tamper(f"UPDATE {table} SET {change} WHERE {key} = %s", pk)
    assert found() == [(What.LIVE, table, str(pk))]


def test_swapped_password_hashes_are_both_named(history: SmallCounty, tamper) -> None:
    one, other = history.officer(), history.officer()
    for user, password in ((one, "Lanhua-7731-qiao"), (other, "Meigui-5512-shan")):
        user.set_password(password)
        user.save()
    close_chain()
    tamper(
        "UPDATE accounts_user u SET password = o.password FROM accounts_user o"
        " WHERE (u.id, o.id) IN ((%s, %s), (%s, %s))",
        *(one.pk, other.pk, other.pk, one.pk),
    )
    assert found() == [(What.LIVE, "accounts_user", str(user.pk)) for user in (one, other)]


def test_what_the_portal_does_to_secrets_stays_sound(history: SmallCounty, settings) -> None:
    user = history.officer()
    user.set_password("Lanhua-7731-qiao")
    user.save()
    set_phone(user=user, phone="13987654321")
    second_factor.offer(user)
    settings.FIELD_KEYS = ["new:" + "b2" * 32, *settings.FIELD_KEYS]
    # No one on the roster has a number here.
    assert [result.changed for result in rotate() if result.changed] == [1, 1]
    set_phone(user=user, phone="")
    Authenticator.objects.filter(user=user).delete()
    close_chain()
    assert found() == []
    events = user.changes.values_list("pgh_label", "pgh_secrets")
    assert all(re.fullmatch("[0-9a-f]{64}", secrets) for _, secrets in events)
    # Equal secrets of two rows have different digests: the row is part of them.
    other = history.officer()
    assert user.changes.first().pgh_secrets != other.changes.first().pgh_secrets
