"""The system's Chromium, quiet and headless, for the browser tests."""

from __future__ import annotations

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


def program() -> str | None:
    """The path of Chromium: HOLDFAST_TEST_CHROMIUM, else the first on PATH; None when there is none."""
    chosen = os.environ.get("HOLDFAST_TEST_CHROMIUM")
    return shutil.which(chosen) if chosen else next(filter(None, map(shutil.which, NAMES)), None)


def launch_arguments() -> list[str]:
    """How to start it; Chromium's sandbox cannot work for root."""
    return [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
