"""What ``holdfast serve`` runs: the web server, the worker, and the static files they need."""

from __future__ import annotations

import errno
import socket
import sys
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from holdfast.ops.supervisor import Child


def is_free(host: str, port: int) -> bool:
    """Whether nobody listens there. Asked beforehand: the web server shares its port with any other of its kind, so a
    second one would start without a word and take half of the requests."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.errno != errno.EADDRINUSE
    return True


def web_command(*, host: str, port: int) -> list[str]:
    """The web server: granian, which reads whole requests before a thread of ours is bothered."""
    return [
        sys.executable, "-m", "granian", "holdfast.config.wsgi:application",
        "--interface", "wsgi",
        "--host", host,
        "--port", str(port),
        "--workers", str(settings.WEB_WORKERS),
        "--blocking-threads", str(settings.WEB_THREADS),
        # A thread owns a database connection: it had better stay.
        "--blocking-threads-idle-timeout", "600",
        "--respawn-failed-workers",
        "--workers-kill-timeout", "20",
        "--no-ws",
        "--log-level", "warning",
    ]  # fmt: skip


def worker_command() -> list[str]:
    """The worker process."""
    return [sys.executable, "-m", "holdfast.ops.main", "worker"]


def children(*, host: str, port: int, with_worker: bool) -> list[Child]:
    """The processes of one machine."""
    web = Child("web", web_command(host=host, port=port))
    return [web, Child("worker", worker_command())] if with_worker else [web]


def metrics_directory() -> Path:
    """Where the processes of one ``serve`` put their figures."""
    return Path(settings.HOLDFAST_HOME) / "run" / "metrics"


def collect_static_files() -> bool:
    """Hash and compress the static files when one is newer than the last time; whether that was needed."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    collected_at = manifest.stat().st_mtime if manifest.exists() else 0.0
    newest = max(
        (
            Path(storage.path(name)).stat().st_mtime
            for finder in get_finders()
            for name, storage in finder.list([])
        ),
        default=0.0,
    )
    if newest <= collected_at:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=False)
    return True
