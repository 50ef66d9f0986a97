from __future__ import annotations

from tests.accounts.exchange.conftest import files_root, officer

__all__ = ["files_root", "officer"]
