"""A maximum age that asks for ever is refused where it is written: by decorator and mixin."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.views import View

from otp_passkeys.reauthentication import (
    Need,
    ReauthenticationRequiredMixin,
    reauthentication_required,
)

from ..helpers.reauthentication import grow_old

NOT_AN_AGE: list[Any] = [
    0, -1, -600, 0.5, 300.0, True, False, "300", "", datetime.timedelta(minutes=5),
]  # fmt: skip
refused = pytest.mark.parametrize("max_age", NOT_AN_AGE, ids=repr)


def act(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


class Act(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("done")


@refused
def test_decorator(max_age: Any) -> None:
    """S6.12: the decorator refuses it when the view is imported, and names what asks each time."""
    for write in (
        lambda: reauthentication_required(max_age=max_age),
        lambda: reauthentication_required(act, max_age=max_age),
        lambda: Need(max_age=max_age),
    ):
        with pytest.raises(ValueError, match=r"at least 1, not .*write once=True") as caught:
            write()
        assert repr(max_age) in str(caught.value)


@refused
def test_mixin(max_age: Any) -> None:
    """S6.12: the mixin refuses it where the class is written, and where the view is."""
    with pytest.raises(ValueError, match="once=True"):
        type("Mine", (ReauthenticationRequiredMixin, Act), {"reauthentication_max_age": max_age})

    class Mixed(ReauthenticationRequiredMixin, Act):
        pass

    with pytest.raises(ValueError, match="once=True"):
        Mixed.as_view(reauthentication_max_age=max_age)
    with pytest.raises(ValueError, match="method must be"):
        Mixed.as_view(reauthentication_method="password")


def test_ages(alice: User, request_of: Any) -> None:
    """S4.11: an age is one second or more; None is that of the settings."""
    reauthentication_required(act, max_age=1)  # a request of a busy machine may be older
    for max_age in (None, 300, 10**9):
        assert reauthentication_required(act, max_age=max_age)(request_of(alice)).content == b"done"
        view = type(
            "Mine", (ReauthenticationRequiredMixin, Act), {"reauthentication_max_age": max_age}
        )
        assert view.as_view()(request_of(alice)).content == b"done"  # type: ignore[attr-defined]


class Computed(ReauthenticationRequiredMixin, Act):
    """A view that decides for each request."""

    @property
    def reauthentication_max_age(self) -> int | None:  # type: ignore[override]
        return int(self.request.GET["age"])


def test_property(alice: User, rf: Any, browser: Client) -> None:
    """S4.11: a property is asked when a request comes, and is no better when it says 0."""
    grow_old(browser, seconds=60)

    def answer(age: int) -> Any:
        request = rf.get(f"/?age={age}")
        request.user, request.session = alice, browser.session
        return Computed.as_view()(request)

    assert answer(120).status_code == 200
    assert answer(30).status_code == 302
    with pytest.raises(ValueError, match="once=True"):
        answer(0)
