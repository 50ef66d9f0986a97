"""Supporting documents of a return: added while it is filled in, read by whoever may read it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.files import intake, store
from accounts.files.intake import Accepted
from accounts.models import AccessRecord, StoredFile, User
from kindergartens.models import FilingAttachment, MonthlyFiling
from kindergartens.policies import NotAllowedNow
from reports.filings import services
from tests.accounts.files import honest
from tests.conftest import acting
from tests.reports.filings.test_pages import form_data
from tests.reports.filings.test_services import Scene
from tests.small_county import NOW, SmallCounty

SignIn = Callable[[User], Client]
PDF = honest.pdf()


@pytest.fixture(autouse=True)
def files_root(settings: Any, tmp_path: Path) -> Path:
    settings.FILES_ROOT = tmp_path / "files"
    return settings.FILES_ROOT


@pytest.fixture
def scene(small: SmallCounty) -> Iterator[Scene]:
    with time_machine.travel(NOW, tick=True):
        yield Scene(small)


def attach(
    scene: Scene, filing: MonthlyFiling, name: str = "说明.pdf", content: bytes = PDF
) -> FilingAttachment:
    accepted = Accepted(name, content, "application/pdf")
    return services.attach(filing_id=filing.pk, accepted=accepted, by=scene.director, now=NOW)


def names(filing: MonthlyFiling, version: int) -> list[str]:
    return [row.name for row in FilingAttachment.objects.filter(filing=filing).of_version(version)]


def upload(content: bytes = PDF, name: str = "说明.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


# ---- by the rules ----------------------------------------------------------------------------


def test_each_version_keeps_what_it_was_submitted_with(scene: Scene) -> None:
    filing = scene.open()
    first = attach(scene, filing, "一.pdf")
    gone = attach(scene, filing, "误传.pdf", PDF + b"\n")
    services.detach(filing_id=filing.pk, attachment_id=gone.pk, by=scene.director, now=NOW)
    scene.submit(filing)
    services.withdraw(filing_id=filing.pk, by=scene.director, now=NOW)
    services.detach(filing_id=filing.pk, attachment_id=first.pk, by=scene.director, now=NOW)
    attach(scene, filing, "二.pdf", PDF + b"\r")
    # The same file again, after it was taken away.
    attach(scene, filing, "一之二.pdf")
    scene.submit(filing)
    assert names(filing, 1) == ["一.pdf"]
    assert sorted(names(filing, 2)) == ["一之二.pdf", "二.pdf"]
    assert StoredFile.objects.count() == 3


def test_nothing_is_attached_or_taken_away_under_review(scene: Scene) -> None:
    filing = scene.open()
    attachment = attach(scene, filing)
    scene.submit(filing)
    with pytest.raises(NotAllowedNow, match="先撤回"):
        attach(scene, filing, "晚到.pdf", PDF + b"\n")
    with pytest.raises(NotAllowedNow, match="先撤回"):
        services.detach(
            filing_id=filing.pk, attachment_id=attachment.pk, by=scene.director, now=NOW
        )
    assert names(filing, 1) == ["说明.pdf"]


def test_the_same_file_twice_and_an_eleventh_are_refused(scene: Scene) -> None:
    filing = scene.open()
    attach(scene, filing)
    with pytest.raises(NotAllowedNow, match=r"已经在附件里（说明\.pdf）"):
        attach(scene, filing, "又一个名字.pdf")
    for number in range(9):
        attach(scene, filing, f"{number}.pdf", PDF + b"\n" * (number + 1))
    with pytest.raises(NotAllowedNow, match="附件最多10个"):
        attach(scene, filing, "第十一个.pdf", PDF + b"\r")


def test_only_the_own_kindergarten_attaches(scene: Scene) -> None:
    filing = scene.open()
    other = scene.small.kindergarten(scene.town, "示例二园")
    stranger = acting(scene.small.person("园长", other.organisation, "director"))
    accepted = Accepted("a.pdf", PDF, "application/pdf")
    for person in (stranger, scene.officer):
        with pytest.raises(PermissionDenied):
            services.attach(filing_id=filing.pk, accepted=accepted, by=person, now=NOW)


def test_the_database_refuses_what_the_service_would(scene: Scene) -> None:
    filing = scene.open()
    attachment = attach(scene, filing)
    rows = FilingAttachment.objects.filter(pk=attachment.pk)

    def refused(act: Callable[[], Any]) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            act()

    def add(version: int) -> None:
        FilingAttachment.objects.create(
            filing=filing,
            file=attachment.file,
            name="a.pdf",
            from_version=version,
            added_as=attachment.added_as,
            added_at=NOW,
        )

    refused(lambda: rows.update(name="换了.pdf"))
    refused(lambda: rows.update(from_version=2, until_version=3))
    refused(lambda: add(1))  # the same file twice
    refused(lambda: add(2))
    scene.submit(filing)
    refused(lambda: rows.delete())
    refused(lambda: rows.update(until_version=2))
    refused(lambda: add(2))
    services.withdraw(filing_id=filing.pk, by=scene.director, now=NOW)
    refused(lambda: rows.delete())
    refused(lambda: rows.update(until_version=3))
    refused(lambda: rows.update(name="换了.pdf"))
    rows.update(until_version=2)
    rows.update(until_version=None)


# ---- on the pages ----------------------------------------------------------------------------


def test_without_a_script_the_form_takes_files_and_keeps_what_was_typed(
    scene: Scene, sign_in: SignIn
) -> None:
    filing = scene.open()
    client = sign_in(scene.director)
    url = reverse("filing-edit", args=[filing.pk])
    data = form_data(filing, action="attach", remarks="小二班并入小一班")
    data["attachments"] = [upload(), upload(honest.photo(), "现场.jpg")]  # type: ignore[assignment]
    answer = client.post(url, data)
    assert (answer.status_code, answer["Location"]) == (302, f"{url}#attachments")
    page = client.get(url).content.decode()
    assert "说明.pdf" in page
    assert "现场.jpg" in page
    assert "小二班并入小一班" in page
    [attachment] = FilingAttachment.objects.filter(name="说明.pdf")
    client.post(url, form_data(filing, detach=str(attachment.pk)))
    assert names(filing, 1) == ["现场.jpg"]
    # A made-up key takes nothing away and breaks nothing.
    for made_up in ("x", str(UUID(int=0))):
        assert client.post(url, form_data(filing, detach=made_up)).status_code == 302


def test_a_refused_file_says_why_and_loses_nothing(scene: Scene, sign_in: SignIn) -> None:
    filing = scene.open()
    data = form_data(filing, action="submit", remarks="停课两天")
    data["attachments"] = upload(b"MZ not a pdf")  # type: ignore[assignment]
    answer = sign_in(scene.director).post(reverse("filing-edit", args=[filing.pk]), data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "对不上" in page
    assert "停课两天" in page
    filing.refresh_from_db()
    # Not submitted without the document that was to go with it.
    assert (filing.state, filing.draft["remarks"]) == ("draft", "停课两天")
    record = AccessRecord.objects.get(action="upload")
    assert (record.outcome, record.reason, record.user) == (
        "refused", "type-differs", scene.director,
    )  # fmt: skip


def test_the_script_gets_the_list_back(scene: Scene, sign_in: SignIn) -> None:
    filing = scene.open()
    url = reverse("filing-attach", args=[filing.pk])
    client = sign_in(scene.director)
    answer = client.post(url, {"attachments": upload()})
    assert answer.status_code == 200
    assert "说明.pdf" in answer.content.decode()
    assert "<html" not in answer.content.decode()
    again = client.post(url, {"attachments": upload(name="另一个名字.pdf")})
    assert again.status_code == 422
    assert "已经在附件里" in again.content.decode()
    assert AccessRecord.objects.filter(action="upload", outcome="done").count() == 1
    scene.submit(filing)
    late = client.post(url, {"attachments": upload(PDF + b"\n")})
    assert late.status_code == 422
    assert "先撤回" in late.content.decode()


def test_closed_returns_read_no_file(
    scene: Scene, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    filing = scene.open()
    scene.submit(filing)
    monkeypatch.setattr(intake, "accept", lambda *_: pytest.fail("it was read"))
    url = reverse("filing-attach", args=[filing.pk])
    answer = sign_in(scene.director).post(url, {"attachments": upload()})
    assert answer.status_code == 422


def test_a_file_larger_than_allowed_is_not_read(
    scene: Scene, sign_in: SignIn, settings: Any
) -> None:
    settings.FILE_MAX_BYTES = 100
    filing = scene.open()
    url = reverse("filing-attach", args=[filing.pk])
    answer = sign_in(scene.director).post(url, {"attachments": upload(PDF)})
    assert "最多0MB" in answer.content.decode()


def test_a_request_beyond_all_bounds_is_cut_off(
    scene: Scene, sign_in: SignIn, settings: Any, files_root: Path
) -> None:
    settings.REQUEST_MAX_BYTES = 20_000
    filing = scene.open()
    url = reverse("filing-attach", args=[filing.pk])
    client = sign_in(scene.director)
    answer = client.post(url, {"attachments": upload(PDF + b"\n" * 30_000)})
    assert answer.status_code == 413
    many = {f"attachments{number}": upload() for number in range(21)}
    assert client.post(url, many).status_code == 413
    assert FilingAttachment.objects.count() == 0


def test_a_download_is_never_a_page(scene: Scene, sign_in: SignIn) -> None:
    filing = scene.open()
    attachment = attach(scene, filing, "情况 说明（1）.pdf")
    url = reverse("filing-attachment", args=[filing.pk, attachment.pk])
    answer = sign_in(scene.director).get(url)
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == (
        "attachment; filename*=utf-8''"
        "%E6%83%85%E5%86%B5%20%E8%AF%B4%E6%98%8E%EF%BC%881%EF%BC%89.pdf"
    )
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert "no-store" in answer["Cache-Control"]
    record = AccessRecord.objects.get(action="download")
    assert (record.object_kind, record.object_id, record.user) == (
        "kindergartens.filingattachment", str(attachment.pk), scene.director,
    )  # fmt: skip


def test_rights_follow_the_return_and_not_the_file(scene: Scene, sign_in: SignIn) -> None:
    filing = scene.open()
    attachment = attach(scene, filing)
    other = scene.small.kindergarten(scene.town, "示例二园")
    neighbour = acting(scene.small.person("园长", other.organisation, "director"))
    other_filing = services.open_filing(
        kindergarten=other, period=scene.period, by=neighbour, now=NOW
    )
    # The neighbour sends the very same bytes and has a right to them by the own return only.
    own = services.attach(
        filing_id=other_filing.pk,
        accepted=Accepted("b.pdf", PDF, "application/pdf"),
        by=neighbour,
        now=NOW,
    )
    assert own.file_id == attachment.file_id

    def status(person: User, of: MonthlyFiling, which: FilingAttachment) -> int:
        url = reverse("filing-attachment", args=[of.pk, which.pk])
        return sign_in(person).get(url).status_code

    assert status(neighbour, other_filing, own) == 200
    assert status(neighbour, filing, attachment) == 404
    assert status(neighbour, other_filing, attachment) == 404
    # A draft is nobody's but the kindergarten's.
    assert status(scene.officer, filing, attachment) == 404
    assert status(scene.director, filing, attachment) == 200
    scene.submit(filing)
    assert status(scene.officer, filing, attachment) == 200
    stranger = scene.small.officer(scene.small.other_county)
    assert status(stranger, filing, attachment) == 404
    page = sign_in(scene.officer).get(reverse("filing-review", args=[filing.pk])).content.decode()
    assert reverse("filing-attachment", args=[filing.pk, attachment.pk]) in page
    assert 'name="detach"' not in page


@pytest.mark.parametrize(
    "path",
    ["media/{}", "files/{}", "objects/{}", "static/{}", "static/..%2f..%2f.local/files/{}"],
)
def test_no_path_leads_to_the_bytes(scene: Scene, sign_in: SignIn, path: str) -> None:
    stored = attach(scene, scene.open()).file
    for name in (stored.storage_name, f"{stored.storage_name[:2]}/{stored.storage_name}"):
        client = sign_in(scene.director)
        assert client.get(f"/{path.format(name)}").status_code == 404
        assert client.get("/", headers={"X-Accel-Redirect": f"/{name}"}).status_code == 302


@pytest.mark.parametrize(("state", "says"), [("pending", "等待查毒"), ("infected", "查出病毒")])
def test_what_is_not_scanned_is_not_handed_out(
    scene: Scene, sign_in: SignIn, settings: Any, state: str, says: str
) -> None:
    settings.CLAMD_ADDRESS = "127.0.0.1:9"
    filing = scene.open()
    attachment = attach(scene, filing)
    StoredFile.objects.update(state=state)
    client = sign_in(scene.director)
    answer = client.get(reverse("filing-attachment", args=[filing.pk, attachment.pk]))
    assert answer.status_code == 409
    assert says in answer.content.decode()
    page = client.get(reverse("filing-edit", args=[filing.pk])).content.decode()
    assert {"pending": "待查毒", "infected": "含病毒"}[state] in page


@pytest.mark.parametrize("state", ["ready", "pending"])
def test_the_scanner_that_is_there_now_decides(
    scene: Scene, sign_in: SignIn, settings: Any, state: str
) -> None:
    """Set up later, it has to pass what is there; taken away, nothing waits for it for ever."""
    filing = scene.open()
    attachment = attach(scene, filing)
    StoredFile.objects.update(state=state, scanned_at=None)
    client = sign_in(scene.director)
    url = reverse("filing-attachment", args=[filing.pk, attachment.pk])
    assert client.get(url).status_code == 200
    assert "待查毒" not in client.get(reverse("filing-edit", args=[filing.pk])).content.decode()
    settings.CLAMD_ADDRESS = "127.0.0.1:9"
    answer = client.get(url)
    assert answer.status_code == 409
    assert "等待查毒" in answer.content.decode()
    assert "待查毒" in client.get(reverse("filing-edit", args=[filing.pk])).content.decode()
    assert AccessRecord.objects.filter(action="download", reason="pending").count() == 1
    StoredFile.objects.update(state="ready", scanned_at=NOW)
    assert client.get(url).status_code == 200


def test_an_eleventh_is_refused_before_it_is_read(
    scene: Scene, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    filing = scene.open()
    for number in range(10):
        attach(scene, filing, f"{number}.pdf", PDF + b"\n" * number)
    read: list[str] = []
    monkeypatch.setattr(intake, "accept", lambda name, content: read.append(name))
    client = sign_in(scene.director)
    answer = client.post(reverse("filing-attach", args=[filing.pk]), {"attachments": upload()})
    assert answer.status_code == 422
    assert "附件最多10个" in answer.content.decode()
    assert read == []


def test_a_return_has_room_for_so_many_bytes(scene: Scene, settings: Any) -> None:
    settings.FILES_PER_RETURN_BYTES = 2 * len(PDF) + 1
    filing = scene.open()
    attach(scene, filing, "一.pdf")
    second = attach(scene, filing, "二.pdf", PDF + b"\n")
    with pytest.raises(NotAllowedNow, match=r"合计最多.*请压缩图片，或先删去不要的再传"):
        attach(scene, filing, "三.pdf", PDF + b"\r")
    services.detach(filing_id=filing.pk, attachment_id=second.pk, by=scene.director, now=NOW)
    attach(scene, filing, "三.pdf", PDF + b"\r")


def test_a_kindergarten_has_room_for_so_many_bytes_in_all_its_returns(
    scene: Scene, sign_in: SignIn, settings: Any
) -> None:
    filing = scene.open()
    attach(scene, filing, "一.pdf")
    scene.submit(filing)
    services.withdraw(filing_id=filing.pk, by=scene.director, now=NOW)
    kept = filing.attachments.get()
    services.detach(filing_id=filing.pk, attachment_id=kept.pk, by=scene.director, now=NOW)
    # Version 1 keeps it, so it counts still.
    settings.FILES_PER_KINDERGARTEN_BYTES = 2 * len(PDF) - 1
    answer = sign_in(scene.director).post(
        reverse("filing-attach", args=[filing.pk]), {"attachments": upload(PDF + b"\n")}
    )
    assert answer.status_code == 422
    assert "月报不带附件也可以提交" in answer.content.decode()
    settings.FILES_PER_KINDERGARTEN_BYTES = 2 * len(PDF) + 1
    attach(scene, filing, "二.pdf", PDF + b"\n")


def test_a_file_that_was_altered_on_the_disk_is_not_handed_out(
    scene: Scene, sign_in: SignIn
) -> None:
    filing = scene.open()
    attachment = attach(scene, filing)
    store.path_of(attachment.file.storage_name).write_bytes(b"%PDF-1.7 another")
    url = reverse("filing-attachment", args=[filing.pk, attachment.pk])
    answer = sign_in(scene.director).get(url)
    assert answer.status_code == 500
    assert "和上传时不一样" in answer.content.decode()
    assert b"another" not in answer.content
    assert AccessRecord.objects.get(action="download").outcome == "failed"


def test_a_photo_of_children_reaches_the_bureau_without_its_place(
    scene: Scene, sign_in: SignIn
) -> None:
    filing = scene.open()
    url = reverse("filing-attach", args=[filing.pk])
    sign_in(scene.director).post(url, {"attachments": upload(honest.photo(), "现场.jpg")})
    scene.submit(filing)
    attachment = FilingAttachment.objects.get()
    answer = sign_in(scene.officer).get(
        reverse("filing-attachment", args=[filing.pk, attachment.pk])
    )
    assert honest.PLACE.encode() not in answer.content
    assert Image.open(io.BytesIO(answer.content)).size == (60, 40)
