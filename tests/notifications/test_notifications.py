"""The mails about a passkey that was added or deleted."""

import logging
import re
from collections.abc import Callable
from typing import Any

import django
import pytest
from django.contrib.auth.models import User
from django.core.mail.backends.base import BaseEmailBackend
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from otp_passkeys import actions, notifications
from otp_passkeys.models import Passkey
from otp_passkeys.notifications.mails import browser_of
from otp_passkeys.testing import Authenticator, register

from ..helpers.counting import counting
from ..helpers.mails import only
from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn, answer, post

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:153.0) Gecko/20100101 Firefox/153.0"
ONE_PASSWORD = "bada5566-a7aa-401f-bd96-45619a55120d"
# Within a transaction that is never committed nothing would be announced.
pytestmark = pytest.mark.django_db(transaction=True)


class BrokenServer(BaseEmailBackend):
    """A mail server that refuses, and says whose mail it was."""

    def send_messages(self, email_messages: Any) -> int:
        """Refuse."""
        raise ConnectionRefusedError(f"no mail for {email_messages[0].to}")


@pytest.fixture
def browser(alice: User, signed_in: SignedIn) -> Client:
    """Return alice's browser, a Firefox."""
    return signed_in(alice, headers={"User-Agent": FIREFOX})


def test_added(browser: Client, mailoutbox: list[Any], settings: Any) -> None:
    """P11: alice learns which passkey was added, when, with what, and where to look."""
    settings.TIME_ZONE = "Asia/Tokyo"
    register(browser, Authenticator(aaguid=ONE_PASSWORD), nickname="Tom & Jerry")
    mail, text, html = only(mailoutbox)
    assert mail.subject == "A passkey was added to your account at testserver"
    assert mail.to == ["alice@example.com"]
    assert "Account: alice\nPasskey: Tom & Jerry\nSaved in: 1Password\nTime: " in text
    assert re.search(r"^Time: .+ \(JST\)\nBrowser: Firefox on Windows$", text, re.M)
    assert "https://testserver/passkeys/\n" in text
    assert "Tom &amp; Jerry" in html
    assert 'href="https://testserver/passkeys/"' in html
    for part in (text, html):
        assert "1Password" in part
        assert "(JST)" in part
        assert "Firefox on Windows" in part
        assert "by itself" not in part


def test_added_by_the_browser(browser: Client, mailoutbox: list[Any]) -> None:
    """S3.5: after an automatic upgrade the mail says that the browser added it."""
    options = post(browser, "register-options", {"upgrade": True}).json()
    made = Authenticator().create(options, user_present=False, user_verified=False)
    assert answer(browser, "register", made).status_code == 201
    _, text, html = only(mailoutbox)
    for part in (text, html):
        assert "Your browser added it by itself after you signed in." in part


def test_deleted(browser: Client, alice: User, mailoutbox: list[Any]) -> None:
    """P11: alice learns which passkey was deleted."""
    register(browser, Authenticator(aaguid=ONE_PASSWORD))
    mailoutbox.clear()
    passkey = Passkey.objects.get()
    assert browser.post(reverse("otp_passkeys:delete", args=[passkey.pk])).status_code == 302
    mail, text, html = only(mailoutbox)
    assert mail.subject == "A passkey was deleted from your account at testserver"
    assert "Account: alice\nSaved in: 1Password\nTime: " in text
    assert "https://testserver/passkeys/" in text  # as passkeys work there, whatever the proxy says
    assert "Saved in: 1Password<" in html
    assert "Passkey:" not in text + html  # its name is the provider's


def test_without_a_request(alice: User, mailoutbox: list[Any]) -> None:
    """P11: what a command deletes is told too, without an address that nobody could know."""
    actions.delete(user=alice, pk=stored_passkey(alice).pk)
    _, text, html = only(mailoutbox)
    assert "http" not in text
    assert "<a " not in html
    assert "Browser:" not in text + html


def test_deleted_by_an_admin(alice: User, signed_in: SignedIn, mailoutbox: list[Any]) -> None:
    """P11, P14: what support deletes is told to the owner; the browser of support is not."""
    root = User.objects.create_superuser("root", "root@example.com")
    passkey = stored_passkey(alice)
    client = signed_in(root, headers={"User-Agent": FIREFOX})
    url = reverse("admin:otp_passkeys_passkey_delete", args=[passkey.pk])
    assert client.post(url, {"post": "yes"}).status_code == 302
    mail, text, html = only(mailoutbox)
    assert mail.to == ["alice@example.com"]
    assert "Firefox" not in text + html


@pytest.mark.parametrize("notify", [True, False])
def test_setting(browser: Client, settings: Any, mailoutbox: list[Any], notify: bool) -> None:
    """P11: a site that tells its users in its own way turns the mails off."""
    settings.OTP_PASSKEYS_NOTIFY = notify
    register(browser, Authenticator())
    assert len(mailoutbox) == notify


def test_user_without_an_address(bob: User, signed_in: SignedIn, mailoutbox: list[Any]) -> None:
    """P11: bob has no address, and adds his passkey all the same."""
    added = register(signed_in(bob), Authenticator())
    assert added.status_code == 201
    assert mailoutbox == []
    assert added.templates == []  # nothing was written, either


def test_refused_registration(browser: Client, mailoutbox: list[Any]) -> None:
    """P11: nothing was added, nothing is told."""
    assert register(browser, Authenticator(), rp_id="evil.test").status_code == 422
    assert mailoutbox == []


def test_broken_server(browser: Client, settings: Any, caplog: Any) -> None:
    """P11: a mail server that fails undoes nothing, and the log names no address."""
    backend = f"{__name__}.BrokenServer"
    if django.VERSION < (6, 1):
        settings.EMAIL_BACKEND = backend
    else:
        settings.MAILERS = {"default": {"BACKEND": backend}}
    with caplog.at_level(logging.DEBUG):
        assert register(browser, Authenticator()).status_code == 201
    (record,) = [one for one in caplog.records if one.name == "otp_passkeys"]
    assert record.getMessage() == "A mail was not sent: ConnectionRefusedError"
    assert record.exc_info is None
    assert "alice" not in caplog.text
    assert Passkey.objects.count() == 1


def test_site_has_a_name(browser: Client, settings: Any, mailoutbox: list[Any]) -> None:
    """P11: the site is called as the browser calls it; the subject is one line, whatever the name is."""
    settings.OTP_PASSKEYS_RP_NAME = "Tom & Jerry's\nBcc: eve@example.com"
    assert register(browser, Authenticator()).status_code == 201
    mail, _, html = only(mailoutbox)
    assert mail.subject.endswith("your account at Tom & Jerry's Bcc: eve@example.com")
    assert mail.recipients() == ["alice@example.com"]
    assert "Tom &amp; Jerry&#x27;s" in html


def test_site_without_the_panel(
    alice: User, rf: RequestFactory, settings: Any, mailoutbox: list[Any]
) -> None:
    """P11: a site with views of its own gets its mails, without a link."""
    settings.ROOT_URLCONF = "django.contrib.auth.urls"
    request = rf.get("/", headers={"User-Agent": FIREFOX})
    request.user = alice
    notifications.on_passkey_deleted(Passkey, request, alice, stored_passkey(alice))
    _, text, _ = only(mailoutbox)
    assert "http" not in text
    assert "Browser: Firefox on Windows" in text


@pytest.mark.database_sessions
def test_costs_one_statement(
    alice: User, request_of: Callable[[User], HttpRequest], mailoutbox: list[Any]
) -> None:
    """P11, P16: a mail is counted, and asks the database nothing else."""
    passkey = stored_passkey(alice)
    (passkey,) = Passkey.objects.for_user(alice)
    request = request_of(alice)
    with counting(statements=2, commits=2):
        notifications.on_passkey_registered(Passkey, request, alice, passkey, purpose="upgrade")
        notifications.on_passkey_deleted(Passkey, request, alice, passkey)
    assert len(mailoutbox) == 2


def test_language(alice: User, mailoutbox: list[Any]) -> None:
    """S1.8: times and what is translated follow the language of the request."""
    with translation.override("ar"):
        notifications.on_passkey_deleted(Passkey, None, alice, stored_passkey(alice))
    _, _, html = only(mailoutbox)
    assert '<html lang="ar" dir="rtl">' in html


def test_nickname_is_text(browser: Client, mailoutbox: list[Any]) -> None:
    """P4: a nickname is no markup in the HTML, and as it is in the text."""
    register(browser, Authenticator(), nickname="<b>x</b>{{ user }}")
    _, text, html = only(mailoutbox)
    assert "Passkey: <b>x</b>{{ user }}\n" in text
    assert "&lt;b&gt;x&lt;/b&gt;{{ user }}" in html


MOZILLA, WEBKIT = "Mozilla/5.0 ", "AppleWebKit/605.1.15 (KHTML, like Gecko) "
IPHONE = MOZILLA + "(iPhone; CPU iPhone OS 18_6 like Mac OS X) " + WEBKIT
BLINK = WEBKIT + "Chrome/156.0.0.0 "
USER_AGENTS = {
    FIREFOX: "Firefox on Windows",
    MOZILLA + "(Android 15; Mobile; rv:153.0) Gecko/153.0 Firefox/153.0": "Firefox on Android",
    MOZILLA + "(Windows NT 10.0) " + BLINK + "Safari/537.36 Edg/156.0.0.0": "Edge on Windows",
    MOZILLA + "(Linux; Android 10; K) " + BLINK + "Mobile Safari/537.36": "Chrome on Android",
    MOZILLA + "(Linux; Android 14) SamsungBrowser/28.0 " + BLINK: "Samsung Internet on Android",
    IPHONE + "Version/26.0 Mobile/15E148 Safari/604.1": "Safari on iPhone",
    IPHONE + "CriOS/140.0.0.0 Mobile/15E148 Safari/604.1": "Chrome on iPhone",
    IPHONE + "FxiOS/140.0 Mobile/15E148 Safari/605.1.15": "Firefox on iPhone",
    MOZILLA + "(iPad; CPU OS 18_6 like Mac OS X) " + WEBKIT + "Safari/604.1": "Safari on iPad",
    MOZILLA + "(Macintosh; Intel Mac OS X 10_15_7) " + WEBKIT + "Safari/605": "Safari on macOS",
    MOZILLA + "(X11; CrOS x86_64 14541.0.0) " + BLINK + "Safari/537.36": "Chrome on ChromeOS",
    MOZILLA + "(X11; Linux x86_64) " + BLINK + "Safari/537.36 OPR/120.0.0.0": "Opera on Linux",
    "Firefox/1": "Firefox",
    "Windows": "Windows",
    "curl/8": "",
    "": "",
}


@pytest.mark.parametrize(("user_agent", "expected"), USER_AGENTS.items())
def test_browser(user_agent: str, expected: str) -> None:
    """P11: what a browser calls itself is said in a few words of ours."""
    assert browser_of(user_agent) == expected


def test_eves_browser(alice: User, signed_in: SignedIn, mailoutbox: list[Any]) -> None:
    """P4: nothing that eve calls her browser gets into alice's mail."""
    evil = "Firefox/1 Windows https://evil.test <b>call 555</b>"
    client = signed_in(alice, headers={"User-Agent": evil})
    register(client, Authenticator())
    _, text, html = only(mailoutbox)
    assert "Firefox on Windows" in text
    assert "evil" not in text + html
    assert "555" not in text + html
