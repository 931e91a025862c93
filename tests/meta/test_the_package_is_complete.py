"""What pip installs is the whole application: every module, template, static file and statement."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.meta import house

BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"


def test_a_wheel_holds_every_file_of_the_source(tmp_path: Path) -> None:
    source = [path for path in house.files() if house.SOURCE in path.parents]
    for path in [*source, *(house.ROOT / name for name in ("pyproject.toml", "LICENSE", "README.md"))]:
        if path.exists():
            (tmp_path / house.named(path)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, tmp_path / house.named(path))
    built = subprocess.run(
        [sys.executable, "-c", BUILD, "dist"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr[-3000:]
    (wheel,) = (tmp_path / "dist").glob("holdfast-*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    expected = {path.relative_to(house.ROOT / "src").as_posix() for path in source}
    assert expected - packed == set()
