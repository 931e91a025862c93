"""Sign-up and resets take as long for an address that is known as for one that is not (SPEC J1)."""

from __future__ import annotations

import time

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from holdfast.core.middleware import GetResponse

# Sign-in does the same work for both by itself: one password is hashed either way.
_PATHS = ("/accounts/password/reset/", "/accounts/signup/")


class Evenly:
    """Holds the answer back to the next whole step; whatever differed before lies within the first one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "POST" or request.path not in _PATHS:
            return self.get_response(request)
        began = time.perf_counter()
        response = self.get_response(request)
        if response.status_code != 429:  # a limit counts both alike, and must not hold a thread
            time.sleep(rest_of_step(time.perf_counter() - began, settings.ACCOUNT_ANSWER_STEP_SECONDS))
        return response


def rest_of_step(taken: float, step: float) -> float:
    """The seconds left to the next whole step; 0 without steps."""
    return step - taken % step if step else 0.0
