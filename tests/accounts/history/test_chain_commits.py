"""One chain, whoever commits when: two connections at once, rollbacks, savepoints, big batches."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest
from django.db import connection, connections, transaction

from accounts.history.chain import verify
from accounts.history.recording import Action, record_access
from accounts.models import AccessRecord, HistoryBlock, HistoryEntry, HistoryOpen
from tests.small_county import NOW

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS, EACH = 4, 12


def record(rows: int = 1) -> None:
    record_access(Action.EXPORT, by=None, at=NOW, rows=rows)


def test_parallel_commits_keep_one_chain() -> None:
    start = threading.Barrier(WRITERS)
    failures: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            start.wait(20)
            for number in range(EACH):
                with transaction.atomic():
                    record(writer * 100 + number)
                    record(writer * 100 + number + 50)
        except BaseException as failure:  # noqa: BLE001 - handed to the test
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    result = verify()
    assert result.findings == []
    assert result.position == WRITERS * EACH
    assert result.rows == 2 * WRITERS * EACH
    assert not HistoryOpen.objects.exists()


def test_entries_of_interleaved_transactions_find_their_own_block() -> None:
    other = connection.copy()
    try:
        with transaction.atomic():
            record(1)
            with other.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO accounts_accessrecord (at, action, outcome, request_id,"
                    " object_kind, object_id, reason) VALUES (now(), 'print', 'done', '', '', '', '')"
                )
            record(2)
    finally:
        other.close()
    blocks = list(HistoryBlock.objects.order_by("position"))
    assert [block.entries for block in blocks] == [1, 2]
    assert blocks[1].first_entry < blocks[0].first_entry < blocks[1].last_entry
    assert verify().findings == []


def test_what_is_rolled_back_is_not_in_the_chain() -> None:
    with suppress(ZeroDivisionError), transaction.atomic():
        record(1)
        raise ZeroDivisionError
    with transaction.atomic():
        with suppress(ZeroDivisionError), transaction.atomic():
            record(2)
            raise ZeroDivisionError
        record(3)
    assert [r.rows for r in AccessRecord.objects.all()] == [3]
    assert HistoryEntry.objects.count() == 1
    assert verify().findings == []


def test_constraints_checked_early_make_more_blocks_and_no_gap() -> None:
    with transaction.atomic():
        record(1)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        record(2)
        record(3)
    assert [b.entries for b in HistoryBlock.objects.order_by("position")] == [1, 1, 1]
    assert verify().findings == []


def test_a_big_batch_is_cut_into_blocks_of_a_hundred() -> None:
    AccessRecord.objects.bulk_create(
        AccessRecord(at=NOW, action="export", outcome="done", rows=n) for n in range(250)
    )
    assert [b.entries for b in HistoryBlock.objects.order_by("position")] == [100, 100, 50]
    assert verify().findings == []


def test_a_truncated_table_is_noticed() -> None:
    record(1)
    record(2)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE accounts_accessrecord")
    assert len(verify().findings) == 2
