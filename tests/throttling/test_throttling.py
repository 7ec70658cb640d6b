"""The site's own limit: asked before anything is done, told of refusals (T20)."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.test import Client
from django.urls import reverse

import otp_passkeys
from otp_passkeys.models import Passkey, SpentChallenge, UserHandle
from otp_passkeys.signals import passkey_refused
from otp_passkeys.testing import Authenticator

from ..conftest import PASSWORD
from ..helpers.signals import sent
from ..helpers.steps import SignedIn, answer, ask, outcome, post

REAUTHENTICATE = reverse("otp_passkeys:reauthenticate")
SIGN_IN = reverse("otp_passkeys:sign-in")


class Limit:
    """A limit that notes what it is asked, and says no at the occasions in `closed`."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.closed: set[str] = set()

    def __call__(self, request: Any, occasion: str) -> int | None:
        assert request.user  # it is the request, with what middleware gave it
        self.asked.append(occasion)
        return 90 if occasion in self.closed else None


@pytest.fixture
def limit(settings: Any) -> Limit:
    """Give the site a limit."""
    settings.OTP_PASSKEYS_THROTTLE = limit = Limit()
    return limit


def is_throttled(response: Any) -> bool:
    """Say whether an answer is the limit's, with the time to wait."""
    return response.status_code == 429 and response["Retry-After"] == "90"


@pytest.mark.parametrize("name", ["register-options", "authenticate-options"])
def test_begin(limit: Limit, name: str, browser: Client) -> None:
    """A beginning is refused with 429, the code and ``Retry-After``, and nothing is written for it."""
    limit.closed = {"begin"}
    response = post(browser, name)
    assert is_throttled(response)
    assert outcome(response) == "throttled"
    assert not UserHandle.objects.exists()
    limit.closed = set()
    assert post(browser, name).status_code == 200
    assert limit.asked == ["begin", "begin"]


def test_upgrade_that_must_wait_is_not_an_error(
    alice: User, signed_in: SignedIn, limit: Limit
) -> None:
    """Nobody asked for an automatic upgrade, so its page gets nothing, and no error in its console."""
    limit.closed = {"begin"}
    assert post(signed_in(alice), "register-options", {"upgrade": True}).status_code == 204


def test_answer_may_be_sent_again(
    client: Client, passkey: Passkey, authenticator: Authenticator, limit: Limit
) -> None:
    """A passkey's answer that must wait is not judged: nothing is spent, said or sent, and it works later."""
    credential = authenticator.get(ask(client, "authenticate-options"))
    limit.closed = {"answer"}
    with sent(passkey_refused) as refusals, sent(user_login_failed) as failures:
        assert is_throttled(answer(client, "authenticate", credential))
    assert refusals == failures == []
    assert not SpentChallenge.objects.exists()
    limit.closed = set()
    assert outcome(answer(client, "authenticate", credential)) == "200"
    assert limit.asked == ["begin", "answer", "answer"]


def test_answer_as_a_form(client: Client, limit: Limit) -> None:
    """As a form, the answer is the sign-in page, which says what to do."""
    limit.closed = {"answer"}
    response = client.post(reverse("otp_passkeys:authenticate"), {"credential": "{}"})
    assert is_throttled(response)
    assert "Wait a while and try again." in response.content.decode()


def test_registration_is_not_held_up(
    authenticator: Authenticator, limit: Limit, browser: Client
) -> None:
    """The browser has saved the passkey when a registration is finished, so no limit loses it."""
    credential = authenticator.create(ask(browser, "register-options"))
    limit.closed = {"begin", "answer"}
    assert outcome(answer(browser, "register", credential)) == "201"


@pytest.mark.parametrize("name", ["register", "authenticate"])
def test_refusals_are_told(alice: User, signed_in: SignedIn, limit: Limit, name: str) -> None:
    """The limit is told of each refusal; what it answers then changes nothing."""
    limit.closed = {"refused"}
    assert outcome(answer(signed_in(alice), name, {})) == "malformed_request"
    assert limit.asked[-1] == "refused"


def test_password(client: Client, alice: User, limit: Limit) -> None:
    """A password on the sign-in page is not judged when it must wait, and the page says so."""
    limit.closed = {"answer"}
    data = {"username": "alice", "password": PASSWORD}
    response = client.post(SIGN_IN, data)
    assert is_throttled(response)
    assert "Wait a while and try again." in response.content.decode()
    assert "_auth_user_id" not in client.session
    limit.closed = set()
    assert client.post(SIGN_IN, data | {"password": "wrong"}).status_code == 200
    assert client.post(SIGN_IN, data).status_code == 302
    assert limit.asked == ["answer", "answer", "refused", "answer"]


def test_confirming(limit: Limit, browser: Client) -> None:
    """Nor is a password on the page that asks who is there."""
    limit.closed = {"answer"}
    data = {"way": "password", "password": PASSWORD}
    response = browser.post(REAUTHENTICATE, data)
    assert is_throttled(response)
    assert "Wait a while and try again." in response.content.decode()
    limit.closed = set()
    assert browser.post(REAUTHENTICATE, data | {"password": "wrong"}).status_code == 422
    assert browser.post(REAUTHENTICATE, data).status_code == 302
    assert limit.asked == ["answer", "answer", "refused", "answer"]


def test_by_dotted_path(client: Client, settings: Any) -> None:
    """The setting may be a dotted path."""
    settings.OTP_PASSKEYS_THROTTLE = f"{__name__}.always"
    assert is_throttled(post(client, "authenticate-options"))


def always(request: Any, occasion: str) -> int:
    return 90


def test_no_address_is_read() -> None:
    """The app reads no client's address and trusts no ``X-Forwarded-For``: the site's limit says whose a request is."""
    package = Path(otp_passkeys.__file__).parent
    for path in package.rglob("*.py"):
        assert not re.search(r"REMOTE_ADDR|FORWARDED", path.read_text("utf-8"), re.I), path
