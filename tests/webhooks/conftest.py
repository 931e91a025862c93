"""A business with a receiver that really listens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_network
from typing import Any

import pytest

from holdfast.core import clock
from holdfast.lib.actors import Role
from holdfast.webhooks.commands import NewSecret, add_endpoint
from tests.cast import Shop
from tests.webhooks.receiver import Receiver, listening


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A server of this machine, which the operator has opened to webhooks."""
    settings.WEBHOOK_ALLOWED_NETWORKS = (ip_network("127.0.0.0/8"),)
    with listening() as found:
        yield found


def endpoint(shop: Shop, url: str, events: Iterable[str] = ("booking.confirmed",)) -> NewSecret:
    return add_endpoint(
        actor=shop.actor(Role.ADMIN),
        business_id=shop.business_id,
        url=url,
        events=events,
        plain_allowed=True,
        now=clock.now(),
    )
