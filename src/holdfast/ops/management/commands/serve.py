"""``holdfast serve``: web and worker on one machine, kept alive."""

from __future__ import annotations

import signal
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import CommandParser

from holdfast.blueprints.queries import set_up_code
from holdfast.core import clock, health, metrics
from holdfast.ops.alone import preparing
from holdfast.ops.command import HoldfastCommand
from holdfast.ops.serving import children, collect_static_files, is_free, metrics_directory
from holdfast.ops.supervisor import Supervisor
from holdfast.privacy.commands import replay_erasures


class Command(HoldfastCommand):
    help = "Run the web server and the worker, and restart what dies"
    group = "Run"

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--no-worker", action="store_true", help="the web server alone; run `holdfast worker` apart"
        )
        parser.add_argument("--migrate", action="store_true", help="bring the database up to date first")
        parser.add_argument("--host", default=settings.HOST, help="address to listen on")
        parser.add_argument("--port", type=int, default=settings.PORT, help="port to listen on")

    def run_command(self, **options: Any) -> None:
        if not is_free(options["host"], options["port"]):
            raise CommandError(
                f"Port {options['port']} is taken: something else answers there. Set PORT to another."
            )
        if options["migrate"]:
            with preparing(settings.HOLDFAST_HOME):
                call_command("migrate", interactive=False, verbosity=0, stdout=self.stderr)
        elif not health.migrations().ok:
            raise CommandError(
                "The database is not up to date: run `holdfast migrate`, or serve with --migrate."
            )
        replay_erasures(now=clock.now())
        collect_static_files()
        figures = metrics_directory()
        metrics.empty_directory(figures)
        supervisor = Supervisor(
            children(host=options["host"], port=options["port"], with_worker=not options["no_worker"]),
            {"PROMETHEUS_MULTIPROC_DIR": str(figures)},
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: supervisor.stop())
        if settings.HOLDFAST_ENVIRONMENT == "demo":
            self.stderr.write("This is a demo: anybody can know its passwords. Keep nothing real in it.")
        self.stderr.write(f"Holdfast is at http://{options['host']}:{options['port']}")
        if code := set_up_code():
            self.stderr.write(
                f"Nobody can sign in yet: set up at {settings.BASE_URL}/setup/ with the code {code}"
            )
        supervisor.run()
