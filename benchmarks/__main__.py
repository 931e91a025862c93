"""``make bench``: measure the hot paths on PostgreSQL and SQLite, print a table, write JSON to ``benchmarks/results``."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from tests.support import servers

RESULTS = Path(__file__).parent / "results"
TARGETS = {
    "nothing": "the floor of the same run",
    "create": "CPU <= 3 ms, <= 10 statements, ratio >= 0.2 (aim 0.35)",
    "available times": "CPU <= 3 ms, <= 4 statements",
    "cancel": "",
    "list upcoming": "",
}


def main() -> int:
    """Each engine in a process of its own: Django is set up once a process."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    parser.add_argument("--engine", choices=["postgres", "sqlite"], help="this engine only")
    parser.add_argument("--requests", type=int, default=2000, help="requests a case")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        return _inside(options.inside, options.requests)
    results: dict[str, object] = {}
    for engine in [options.engine] if options.engine else ["postgres", "sqlite"]:
        if engine == "postgres" and servers.postgres_programs() is None:
            print("PostgreSQL is not measured: install its server programs (Debian: postgresql).")
            continue
        results[engine] = _in_its_own_process(engine, options.requests)
    from benchmarks.machine import described

    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps({"machine": described(), "engines": results}, indent=2) + "\n")
    print(f"\nWritten to {path}")
    return 0


def _in_its_own_process(engine: str, requests: int) -> object:
    home = Path(tempfile.mkdtemp(prefix="holdfast-bench-"))
    environment = os.environ | {
        "HOLDFAST_HOME": str(home),
        "HOLDFAST_ENVIRONMENT": "development",
        "DJANGO_SETTINGS_MODULE": "holdfast.config.settings",
        "RATE_LIMIT_MAX_REQUESTS": "0",
        "LOG_LEVEL": "WARNING",
        "ALLOWED_HOSTS": "127.0.0.1,testserver,localhost",
    }
    cluster = servers.start_postgres(durable=True) if engine == "postgres" else None
    environment["DATABASE_URL"] = cluster.url if cluster else f"sqlite:///{home}/holdfast.sqlite3"
    output = home / "results.json"
    try:
        command = [sys.executable, "-m", "benchmarks", "--requests", str(requests), "--inside", str(output)]
        subprocess.run(command, env=environment, check=True)
        return json.loads(output.read_text())
    finally:
        if cluster:
            cluster.stop()
        shutil.rmtree(home, ignore_errors=True)


def _inside(output: str, requests: int) -> int:
    import django

    django.setup()
    from benchmarks import run

    results = run.all_cases(requests)
    run.show(results)
    Path(output).write_text(json.dumps([asdict(result) | {"ratio": result.ratio} for result in results]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
