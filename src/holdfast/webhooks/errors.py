"""Why something about webhooks is refused."""

from __future__ import annotations

from holdfast.lib.refusals import Conflict


class TooManyEndpoints(Conflict):
    """The business has as many endpoints as it can have; ``limit``."""

    code = "too_many_endpoints"


class EndpointPaused(Conflict):
    """Nothing is sent to a paused endpoint."""

    code = "endpoint_paused"
