"""Cookies that are ignored: broken, too old, or of another version or purpose."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from otp_passkeys.remembered import COOKIE, MAX_AGE, MAX_LENGTH

from ..helpers import remembered as browser
from ..helpers.remembered import names, remembering, sign_in_by_password

Count = Callable[..., Any]


def _tampered(value: str) -> str:
    return ("A" if value[9] != "A" else "B").join([value[:9], value[10:]])


@pytest.mark.parametrize(
    "broken",
    [
        _tampered, lambda value: value[:-1], lambda value: value[: len(value) // 2],
        lambda value: value + "x", lambda value: value * 20, lambda value: "",
        lambda value: ":" * 500, lambda value: ".:" + value, lambda value: "\x00é\xff",
        lambda value: value.replace(":", "::"), lambda value: "x" * 100_000,
    ],
)  # fmt: skip
def test_ignores_what_is_broken(alice: User, broken: Callable[[str], str]) -> None:
    """A tampered, truncated or oversized cookie is no cookie, never an error (S4.12)."""
    client = remembering(alice)
    client.cookies[COOKIE] = broken(browser.value(client))
    assert names(client) == []
    assert 'name="username"' in browser.page(client)
    sign_in_by_password(client, alice)
    browser.end_session(client)
    assert names(client) == ["alice"]


@pytest.mark.each_set
@pytest.mark.parametrize(
    "other",
    [
        lambda content: [2, *content[1:]],
        lambda content: [0, *content[1:]],
        lambda content: content[:3],
        lambda content: [*content, 1],
        lambda content: {"version": 1},
        lambda content: [],
        lambda content: None,
        lambda content: 1,
        lambda content: [*content[:3], [["1"]]],
        lambda content: [*content[:3], [1, 2]],
        lambda content: [*content[:3], [["1", "2", "now"]]],
        lambda content: [*content[:3], [["no-integer", "2", time.time()]]],
    ],
)
def test_ignores_other_versions(alice: User, other: Callable[[Any], Any]) -> None:
    """What another version of the app signed, or another user model, is ignored (S4.12)."""
    client = remembering(alice)
    content = browser.content(client)
    browser.forge(client, other(content))
    assert names(client) == []
    browser.forge(client, content)
    assert names(client) == ["alice"]


def test_ignores_what_was_signed_for_something_else(alice: User) -> None:
    """The signature is of its own salt (S4.12)."""
    client = remembering(alice)
    browser.forge(client, browser.content(client), salt="django.core.signing")
    assert names(client) == []


def test_is_bounded_before_it_is_read(alice: User) -> None:
    """A cookie that is longer than any of ours is not even unsigned (S4.12)."""
    client = remembering(alice)
    [version, random, active, rows] = browser.content(client)
    browser.forge(client, [version, random + "x" * MAX_LENGTH, active, rows])
    assert names(client) == []


def test_expires(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends with its age, each entry with its own, whatever the browser keeps (S4.12)."""
    began = time.time()
    client = remembering(alice)
    monkeypatch.setattr(time, "time", lambda: began + MAX_AGE - 60)
    assert names(client) == ["alice"]
    sign_in_by_password(client, bob)
    browser.end_session(client)
    monkeypatch.setattr(time, "time", lambda: began + MAX_AGE + 60)
    assert names(client) == ["bob"]
    monkeypatch.setattr(time, "time", lambda: began + 2 * MAX_AGE)
    assert names(client) == []


def test_expires_with_its_signature(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The signature's own time counts too, if an entry claims to be younger (S4.12)."""
    client = remembering(alice)
    [*rest, [[pk, digest, _]]] = browser.content(client)
    later = time.time() + MAX_AGE + 60
    browser.forge(client, [*rest, [[pk, digest, int(later)]]])
    monkeypatch.setattr(time, "time", lambda: later)
    assert names(client) == []
