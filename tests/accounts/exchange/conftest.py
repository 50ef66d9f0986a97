from __future__ import annotations

import pytest

from accounts.exchange import services
from accounts.models import ImportBatch, User
from tests.conftest import acting
from tests.small_county import NOW, SmallCounty


@pytest.fixture(autouse=True)
def files_root(tmp_path, settings):
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def officer(small: SmallCounty) -> User:
    small.town("甲镇")
    small.town("乙镇")
    small.town("外镇", county=small.other_county)
    return acting(small.officer())


def checked(
    officer: User, content: bytes, name: str = "名册.xlsx", kind: str = "registry"
) -> ImportBatch:
    """Uploaded and dry run, without a worker."""
    batch = services.upload(code=kind, raw_name=name, content=content, by=officer, now=NOW)
    return services.check_batch(batch_id=batch.pk, by=officer, now=NOW)


def written(officer: User, batch: ImportBatch) -> ImportBatch:
    services.confirm(batch_id=batch.pk, seen=batch.fingerprint, by=officer, now=NOW)
    return services.write_batch(batch_id=batch.pk, by=officer, now=NOW)
