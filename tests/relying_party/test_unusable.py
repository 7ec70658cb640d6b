"""An address at which passkeys cannot be used: pages say so in words, ceremonies refuse, nothing is a 500."""

import json
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.template import Context, Template
from django.test import Client, RequestFactory

from otp_passkeys.models import UserHandle
from otp_passkeys.policy import Policy
from otp_passkeys.relying_party import rp_id_here
from otp_passkeys.sync import request_user_details_sync
from otp_passkeys.testing import Authenticator

from ..helpers.steps import SignedIn, enrol

WORDS = "Passkeys can&#x27;t be used on this address."
PLAIN_WORDS = "Passkeys can’t be used on this address."
THERE: dict[str, Any] = {"headers": {"Host": "127.0.0.1:8000"}}
TAGS = "{% load otp_passkeys %}{% passkey_sign_in %}|{% passkey_panel %}|{% passkey_offer %}|"
TAGS += (
    "{% render_otp_webauthn_sync_signals_scripts %}|{% passkey_here as here %}{{ here.is_usable }}"
)


class WithoutPasswords(Policy):
    """A site where nobody is asked for a password."""

    def has_password(self, user: Any) -> bool:
        """Say no."""
        return False


@pytest.fixture(autouse=True)
def development(settings: Any) -> None:
    """Run as a developer does, who opens the address that runserver prints."""
    settings.ALLOWED_HOSTS, settings.DEBUG = [], True


def seen(page: Any) -> str:
    """Return a page without what only its scripts may say."""
    return re.sub("<template.*?</template>", "", page.content.decode(), flags=re.S)


def says_so(page: Any) -> bool:
    """Say whether a page has the words."""
    return WORDS in seen(page) or PLAIN_WORDS in seen(page)


@pytest.fixture
def enrolled(alice: User, signed_in: SignedIn, authenticator: Authenticator, settings: Any) -> User:
    """Return alice, who has a passkey of the usual address."""
    settings.ALLOWED_HOSTS = ["testserver"]
    enrol(signed_in(alice), authenticator)
    settings.ALLOWED_HOSTS = []
    return alice


@pytest.mark.parametrize("rp_id", [None, "localhost", "example.com"])
@pytest.mark.parametrize("host", ["127.0.0.1:8000", "[::1]:8000"])
def test_pages_for_visitors(db: None, settings: Any, rp_id: str | None, host: str) -> None:
    """S1.6: the sign-in page offers no button that fails; the password works."""
    settings.OTP_PASSKEYS_RP_ID = rp_id
    page = Client().get("/passkeys/sign-in/", headers={"Host": host})
    assert page.status_code == 200
    assert says_so(page)
    assert b"<otp-passkey-sign-in" not in page.content
    assert b'name="password"' in page.content
    usual = Client().get("/passkeys/sign-in/", headers={"Host": "localhost:8000"})
    assert says_so(usual) is (rp_id == "example.com")
    assert (b"<otp-passkey-sign-in" in usual.content) is (rp_id != "example.com")


def test_panel(enrolled: User, signed_in: SignedIn) -> None:
    """S1.6: the panel lists, renames and deletes, and has no button that adds."""
    page = signed_in(enrolled).get("/passkeys/", **THERE)
    assert page.status_code == 200
    assert says_so(page)
    assert b"<otp-passkey-add" not in page.content
    assert b"data-rename" in page.content
    usual = signed_in(enrolled).get("/passkeys/", headers={"Host": "localhost"})
    assert b"<otp-passkey-add" in usual.content


def test_empty_panel(alice: User, signed_in: SignedIn) -> None:
    """S1.6: nobody is told to choose a button that is not there."""
    page = seen(signed_in(alice).get("/passkeys/", **THERE))
    assert "No passkeys yet" in page
    assert "To add one" not in page


@pytest.mark.parametrize("path", ["", "passkey/", "second-factor/"])
def test_reauthenticate(enrolled: User, signed_in: SignedIn, path: str) -> None:
    """S1.6: the page that asks says why it does not ask for the passkey."""
    client = signed_in(enrolled)
    for query in ("", "?way=passkey", "?way=choose"):
        page = client.get(f"/passkeys/reauthenticate/{path}{query}", **THERE)
        assert page.status_code == 200
        assert says_so(page)
        assert b"<otp-passkey-sign-in" not in page.content
        assert b"your account has none yet" not in page.content
        assert b"Add a passkey" not in page.content


def test_remembered_accounts(enrolled: User) -> None:
    """S1.6: a remembered account is asked for its password, and its row is a plain link."""
    client = Client()
    data = {"username": "alice", "password": "correct horse battery staple"}
    assert client.post("/passkeys/sign-in/", data, **THERE).status_code == 302
    del client.cookies["sessionid"]
    page = client.get("/passkeys/sign-in/", **THERE)
    assert b"Welcome back!" in page.content
    assert says_so(page)
    assert b"<otp-passkey-sign-in" not in page.content
    assert b"options-url" not in page.content
    assert b"sign-in.js" not in page.content
    selector = page.context["accounts"][0].selector
    page = client.get("/passkeys/sign-in/", {"account": selector}, **THERE)
    assert b'name="password"' in page.content
    assert says_so(page)


def test_remembered_account_without_another_way(enrolled: User, settings: Any) -> None:
    """S1.6: where the passkey is the only way, the page says so and not that there is none."""
    client = Client()
    data = {"username": "alice", "password": "correct horse battery staple"}
    client.post("/passkeys/sign-in/", data, **THERE)
    del client.cookies["sessionid"]
    selector = client.get("/passkeys/sign-in/", **THERE).context["accounts"][0].selector
    settings.OTP_PASSKEYS_POLICY = "tests.relying_party.test_unusable.WithoutPasswords"
    page = client.get("/passkeys/sign-in/", {"account": selector}, **THERE)
    assert says_so(page)
    assert b"neither a passkey nor a password" not in page.content


def test_offer(alice: User, request_of: Callable[[User], HttpRequest]) -> None:
    """S1.6: nobody is offered a passkey that cannot be added here."""
    request = request_of(alice)
    tag = Template("{% load otp_passkeys %}{% passkey_offer %}")
    for host, offered in (("localhost", True), ("127.0.0.1", False)):
        request.META["HTTP_HOST"] = host
        html = tag.render(Context({"request": request}))
        assert ("<otp-passkey-offer" in html) is offered


def test_sync(enrolled: User, signed_in: SignedIn) -> None:
    """S1.6: there is nothing to sync at this address, and the flag waits for another."""
    client = signed_in(enrolled)
    flag = client.session["otp_passkeys_sync"]
    assert client.get("/passkeys/sync/", **THERE).status_code == 204
    assert client.session["otp_passkeys_sync"] == flag
    assert b"<otp-passkey-sync" not in client.get("/tagged/", **THERE).content
    assert b"<otp-passkey-sync" in client.get("/tagged/", headers={"Host": "localhost"}).content


def test_answer(
    enrolled: User, authenticator: Authenticator, caplog: pytest.LogCaptureFixture
) -> None:
    """T26: an answer that comes here, as JSON or as a form, is refused with a page and one line in the log."""
    for as_form in (False, True):
        client = Client()
        options = client.post("/passkeys/authenticate/options/", headers={"Host": "localhost"})
        assertion = authenticator.get({**options.json(), "rpId": "testserver"}, force=True)
        caplog.clear()
        with caplog.at_level(logging.WARNING, logger="otp_passkeys"):
            if as_form:
                body = {"credential": json.dumps(assertion)}
                answer = client.post("/passkeys/authenticate/", body, **THERE)
                assert says_so(answer)
            else:
                kind = "application/json"
                answer = client.post(
                    "/passkeys/authenticate/", {"credential": assertion}, content_type=kind, **THERE
                )
                assert answer.json() == {"code": "unusable_address", "detail": PLAIN_WORDS}
        assert answer.status_code == 422
        lines = [record.getMessage() for record in caplog.records if record.name == "otp_passkeys"]
        assert len(lines) == 1
        assert "OTP_PASSKEYS_RP_ID" in lines[0]


@pytest.mark.parametrize("host", ["evil.test", "", "%", "127.0.0.1", "a b"])
def test_tags_never_raise(
    enrolled: User, request_of: Callable[[User], HttpRequest], host: str
) -> None:
    """S0.21: tags in an error page for a host that Django refuses raise nothing."""
    request = request_of(enrolled)
    request.META["HTTP_HOST"] = host
    request_user_details_sync(request)
    html = Template(TAGS).render(Context({"request": request, "user": enrolled}))
    assert html.endswith("|||False")
    assert WORDS in html or PLAIN_WORDS in html
    assert "<otp-passkey-sign-in" not in html


def test_without_a_request() -> None:
    """S0.21: where no request is at hand, nothing is claimed about the address."""
    html = Template("{% load otp_passkeys %}{% passkey_here as here %}{{ here.is_usable }}")
    assert html.render(Context()) == "True"


@pytest.mark.parametrize(
    ("hosts", "host", "usable"),
    [
        ([".example.com"], "example.com", True),
        ([".example.com"], "shop.example.com", False),  # its origin is not taken
        (["*"], "shop.example.com", False),
        (["shop.example.com"], "shop.example.com", True),
        (["*"], "backend", True),  # a proxy renamed it
        (["*"], "10.0.0.1", True),
        (["*"], "[fd00::1]", True),
        (["*"], "other.example", False),
        ([".other.example"], "www.other.example", False),
        (["backend.internal"], "backend.internal", True),
    ],
)
def test_below_a_wildcard(settings: Any, hosts: list[str], host: str, usable: bool) -> None:
    """T26: where only the RP ID's own origin is taken, pages at its other hosts offer nothing that fails."""
    settings.DEBUG, settings.ALLOWED_HOSTS = False, hosts
    settings.OTP_PASSKEYS_RP_ID = "example.com"
    request = RequestFactory().get("/", headers={"Host": host})
    assert (rp_id_here(request) == "example.com") is usable
    settings.OTP_PASSKEYS_ALLOWED_ORIGINS = ["https://example.com"]
    assert rp_id_here(request) == "example.com"


def test_nothing_is_written(browser: Client) -> None:
    """T26: where no passkey can be added, no user handle is made either."""
    answer = browser.post("/passkeys/register/options/", **THERE)
    assert (answer.status_code, answer.json()["code"]) == (422, "unusable_address")
    assert not UserHandle.objects.exists()


def test_callable_without_an_answer(db: None, settings: Any) -> None:
    """T26: a site's own function returns None for a host that is no tenant's."""
    settings.ALLOWED_HOSTS = ["*"]
    settings.OTP_PASSKEYS_RELYING_PARTY = lambda request: None
    assert says_so(Client().get("/passkeys/sign-in/"))
    assert Client().post("/passkeys/authenticate/options/").status_code == 422
