"""Infrastructure of the tests: the database engine, throwaway servers, a live server, the browser.

The people and businesses of the tests are in `tests/cast.py`.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import environment

HOME = environment.prepare()  # before anything imports Django's settings
TEST_DATABASE = HOME / "test.sqlite3"

import django  # noqa: E402
import hypothesis  # noqa: E402

from tests.support import chromium, emptying, engines, requirements, servers  # noqa: E402
from tests.support.ready import ReadyDatabase  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.support.live import LiveHoldfast

django.setup()  # so that plugins and test modules may import models
emptying.install()

pytest_plugins = ["tests.cast", "tests.club"] if (Path(__file__).parent / "cast.py").exists() else []

# Two busy cores make single examples slow without making them wrong.
hypothesis.settings.register_profile("holdfast", deadline=None, print_blob=True)
hypothesis.settings.load_profile("holdfast")


def pytest_configure(config: pytest.Config) -> None:
    """The processes that xdist starts find no settings module, so that they too prepare before Django reads."""
    if config.getoption("numprocesses", None):
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the first engine's run has answered already (``tests/support/engines.py``)."""
    if os.environ.get(engines.WITHOUT_PURE):
        same = {item for item in items if engines.says_the_same_on_every_engine(item.path, item.name)}
        config.hook.pytest_deselected(items=list(same))
        items[:] = [item for item in items if item not in same]


def pytest_collection_finish() -> None:
    """What stands after collecting stays for the whole run: no garbage collection need look at it again."""
    gc.collect()
    gc.freeze()


def pytest_report_header() -> str:
    required = ", ".join(sorted(requirements.required())) or "nothing"
    return f"holdfast: engine {environment.engine()}, required: {required}"


@pytest.fixture(scope="session")
def engine() -> str:
    """The database engine of this run: `sqlite` or `postgres`."""
    return environment.engine()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None, request: pytest.FixtureRequest) -> None:
    """On SQLite the test database is a file: the shared in-memory one ignores the busy timeout, so it cannot race."""
    from django.db import connections

    if environment.engine() == "sqlite":
        connections["default"].settings_dict["TEST"]["NAME"] = str(TEST_DATABASE)


@pytest.fixture(scope="session")
def ready_database(pytestconfig: pytest.Config) -> ReadyDatabase | None:
    """Where a migrated database may lie ready; None for PostgreSQL, whose server is new in every run."""
    if environment.engine() != "sqlite":
        return None
    return ReadyDatabase(pytestconfig.cache.mkdir("holdfast"))


@pytest.fixture(scope="session")
def django_db_keepdb(ready_database: ReadyDatabase | None) -> bool:
    """Whether the database of this process is there already, copied from one that lies ready."""
    return ready_database is not None and ready_database.copy_to(TEST_DATABASE)


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_keepdb: bool, ready_database: ReadyDatabase | None
) -> None:
    """The database, migrated; the next run finds it ready."""
    if ready_database is not None and not django_db_keepdb:
        ready_database.keep(TEST_DATABASE)


@pytest.fixture
def holdfast_home() -> Path:
    """The data directory of this test process (HOLDFAST_HOME)."""
    return HOME


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """A throwaway PostgreSQL cluster, whatever the engine of the run."""
    requirements.need("postgres")
    return environment.postgres_url()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A throwaway Redis server."""
    requirements.need("redis")
    server = servers.start_redis()
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def live_server_of_the_session(django_db_setup: None) -> Iterator[LiveHoldfast]:
    from tests.support.live import serving

    with serving() as server:
        yield server


@pytest.fixture
def live_holdfast(transactional_db: None, live_server_of_the_session: LiveHoldfast) -> LiveHoldfast:
    """A real server process on the test database; rows the test commits are what the server sees."""
    return live_server_of_the_session


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium under Playwright."""
    requirements.need("browser")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=15_000)  # the two processors of a run have other tests to do, too
    # Playwright runs an event loop in this thread; the ORM calls of the tests beside it are synchronous all the same.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium.program(), headless=True, args=chromium.launch_arguments()
        )
        yield running
        running.close()


@pytest.fixture
def browser_context(browser: Browser, live_holdfast: LiveHoldfast) -> Iterator[Callable[..., BrowserContext]]:
    """Make separate browser sessions on the live server; options are Playwright's (`viewport`, `locale` …)."""
    opened: list[BrowserContext] = []

    def open_context(**options: object) -> BrowserContext:
        context = browser.new_context(base_url=live_holdfast.url, **options)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        opened.append(context)
        return context

    yield open_context
    for context in opened:
        context.close()


@pytest.fixture
def page(browser_context: Callable[..., BrowserContext]) -> Page:
    """One page at 1280 × 800 on the live server: `page.goto("/b/…")`."""
    return browser_context(viewport={"width": 1280, "height": 800}).new_page()


@pytest.fixture
def phone_page(browser_context: Callable[..., BrowserContext]) -> Page:
    """One page on a phone, 390 × 844 with touch."""
    options = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    return browser_context(**options, device_scale_factor=2).new_page()
