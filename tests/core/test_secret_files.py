from __future__ import annotations

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from holdfast.core.secret_files import kept_secret, random_key, random_text


def test_a_secret_is_made_once_and_only_the_owner_may_read_it(tmp_path: Path) -> None:
    first = kept_secret(tmp_path, "secret_key")
    assert len(first) >= 43
    assert kept_secret(tmp_path, "secret_key") == first
    assert kept_secret(tmp_path, "another") != first
    file = tmp_path / "secrets" / "secret_key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [path.name for path in sorted(file.parent.iterdir())] == ["another", "secret_key"]  # no drafts


def test_processes_that_start_together_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        values = set(pool.map(lambda _: kept_secret(tmp_path, "secret_key"), range(64)))
    assert len(values) == 1


def test_a_secret_can_be_made_in_its_own_way(tmp_path: Path) -> None:
    assert len(base64.b64decode(kept_secret(tmp_path, "encryption_key", random_key))) == 32
    assert random_text() != random_text()
