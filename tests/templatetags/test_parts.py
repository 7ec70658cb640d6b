"""The tags that render a panel, a button and an icon, and the pages that are made of them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import timezone

from otp_passkeys.models import Passkey
from otp_passkeys.policy import Policy
from otp_passkeys.templatetags.otp_passkeys import passkey_last_used
from otp_passkeys.testing import Authenticator, sign_in

from ..helpers.steps import enrol, lose_password
from ..helpers.templates import PANEL, SIGN_IN, render, stored

DISTRUSTED = "ba86dc56-635f-4141-aef6-00227b1b9af6"  # REVOKED in the FIDO metadata


class ByMail(Policy):
    """Any user may sign in by a link in a mail."""

    def other_ways_in(self, user: Any) -> list[str]:
        return ["a link by <mail>"]


class TestPanel:
    """The list inside a page of the site."""

    def test_rows(self, alice: User, request_of: Callable[[User], HttpRequest]) -> None:
        """Show icon, name, dates, and each row's own controls (S1.2, S2.6)."""
        named = stored(alice, 1, nickname="Phone <b>")
        plain = stored(alice, 2, backup_state=True, last_used_at=timezone.now())
        html = render(PANEL, request_of(alice))
        carry = "?next=%2F"  # of the page that it is in
        rename, delete = f"/passkeys/{named.pk}/rename/", f"/passkeys/{plain.pk}/delete/"
        assert f'formaction="{rename}{carry}" aria-label="Rename Phone &lt;b&gt;"' in html
        assert f'formaction="{delete}{carry}" aria-label="Delete Apple Passwords"' in html
        assert html.count('<span class="otp-passkeys-icon">') == 2
        assert "<b>" not in html
        for words in ("Never used", "Last used just now", "Synced", "On one device only"):
            assert words in html
        assert f'<time datetime="{plain.created_at.isoformat()[:10]}' in html

    def test_only_own(
        self, alice: User, eve: User, request_of: Callable[[User], HttpRequest]
    ) -> None:
        """Show no passkey of anybody else (S1.10)."""
        stored(alice, nickname="of alice")
        assert "of alice" not in render(PANEL, request_of(eve))

    def test_empty(self, alice: User, request_of: Callable[[User], HttpRequest]) -> None:
        """Say what a passkey is and how to add one (S1.16)."""
        html = render(PANEL, request_of(alice))
        assert "No passkeys yet" in html
        assert "A passkey replaces your password." in html
        assert html.count("otp-passkeys-empty") == 1

    def test_syncs_always(self, alice: User, request_of: Callable[[User], HttpRequest]) -> None:
        """Sync on every load, due or not (S1.3)."""
        html = render(PANEL, request_of(alice))
        assert '<otp-passkey-sync url="/passkeys/sync/" now>' in html

    def test_no_inline_code(self, alice: User, request_of: Callable[[User], HttpRequest]) -> None:
        """Hold no inline script, style or handler, so that a strict policy is kept."""
        stored(alice)
        html = render(PANEL + SIGN_IN, request_of(alice))
        assert "style=" not in html
        assert "<style" not in html
        assert " on" not in "".join(part.split(">")[0] for part in html.split("<")[1:]).lower()
        assert all(part.startswith(' type="module" src=') for part in html.split("<script")[1:])

    def test_visitor(self, rf: RequestFactory) -> None:
        """Render nothing for a visitor, or where it is not known who asks."""
        request = rf.get("/")
        request.user = AnonymousUser()
        assert Template(PANEL).render(Context({"request": request})) == ""
        assert render(PANEL) == ""

    def test_heading(
        self, alice: User, signed_in: Callable[..., Client], request_of: Callable[[User], Any]
    ) -> None:
        """Be a section of the site's page, and the subject of its own."""
        assert "<h2" in render(PANEL, request_of(alice))
        assert "<h1" in signed_in(alice).get("/passkeys/").content.decode()

    def test_missing_data(self, alice: User, request_of: Callable[[User], HttpRequest]) -> None:
        """List a passkey of which nothing is known (S2.3)."""
        row = stored(alice, aaguid=None, transports=[])
        Passkey.objects.filter(pk=row.pk).update(created_at=None)
        html = render(PANEL, request_of(alice))
        assert "Unknown passkey provider" in html
        assert "Added" not in html.split("data-list")[1].split("otp-passkeys-footer")[0]

    def test_added_row(self, alice: User, signed_in: Callable[..., Client]) -> None:
        """Point at the row that a form has just added, and at no other."""
        row = stored(alice)
        client = signed_in(alice)
        assert "data-highlight" in client.get(f"/passkeys/?added={row.pk}").content.decode()
        for query in ("", "?added=", f"?added={row.pk + 1}", "?added=%3Cb%3E"):
            assert "data-highlight" not in client.get(f"/passkeys/{query}").content.decode()

    def test_session_and_switched_off(
        self, alice: User, signed_in: Callable[..., Client], authenticator: Authenticator
    ) -> None:
        """Say which one verified this session, and which cannot be used (S1.2)."""
        enrol(signed_in(alice), authenticator)
        stored(alice, 2, confirmed=False)
        client = signed_in(alice, verified=False)
        assert client.get("/passkeys/").content.count(b"This session") == 0
        assert sign_in(Client(), authenticator).status_code == 200
        client = Client()
        sign_in(client, authenticator)
        html = client.get("/passkeys/").content.decode()
        assert html.count("This session") == 1
        assert html.count("Switched off") == 1

    def test_warning(self, alice: User, request_of: Callable[[User], HttpRequest]) -> None:
        """Say what is known against a model, in its row and in no other."""
        stored(alice, 1)
        assert "otp-passkeys-warning" not in render(PANEL, request_of(alice))
        stored(alice, 2, aaguid=DISTRUSTED)
        html = render(PANEL, request_of(alice))
        assert html.count("otp-passkeys-warning") == 1
        assert "no longer considered safe" in html

    def test_advice(self, alice: User, request_of: Callable[[User], HttpRequest]) -> None:
        """Show one piece of advice, hidden until the script knows that it was not put away."""
        assert "data-advice" not in render(PANEL, request_of(alice))
        stored(alice)
        assert 'data-advice="only_one_device" hidden>' in render(PANEL, request_of(alice))

    def test_names_go_nowhere_else(
        self, alice: User, request_of: Callable[[User], HttpRequest]
    ) -> None:
        """Escape the name in the attribute that scripts read, too (S1.13)."""
        stored(alice, nickname='"><script>alert(1)</script>')
        html = render(PANEL, request_of(alice))
        assert 'data-name="&quot;&gt;&lt;script&gt;' in html
        assert "<script>" not in html


class TestHere:
    """What the app can do at the address of a page."""

    def test_asks_once(self, rf: RequestFactory, settings: Any) -> None:
        """Ask once for a page, whose parts ask each for itself, and take no variable of the site for the answer."""
        asked: list[HttpRequest] = []
        settings.OTP_PASSKEYS_RELYING_PARTY = asked.append
        source = "{% load otp_passkeys %}{% passkey_here as here %}{{ here.is_usable }}"
        assert render(source * 3, rf.get("/"), here="the site's") == "False" * 3
        assert len(asked) == 1


class TestSignIn:
    """The button for the site's own login form."""

    def test_hidden_until_upgraded(self, rf: RequestFactory) -> None:
        """Show nothing where the script does not run, and nest no form in the site's."""
        html = render(SIGN_IN, rf.get("/"))
        assert "data-ready hidden" in html
        assert "<form" not in html
        assert 'name="csrfmiddlewaretoken"' in html

    def test_next(self, rf: RequestFactory) -> None:
        """Take where to go from the argument, the page or the query, in this order."""
        request = rf.get("/?next=/query/")
        assert 'next="/query/"' in render(SIGN_IN, request)
        assert 'next="/page/"' in render(SIGN_IN, request, next="/page/")
        source = "{% load otp_passkeys %}{% passkey_sign_in next='/tag/' %}"
        assert 'next="/tag/"' in render(source, request, next="/page/")
        assert 'next="&quot;&gt;"' in render(SIGN_IN, rf.get("/", {"next": '">'}))

    def test_unknown_credential(self, rf: RequestFactory) -> None:
        """Hand over what the browser is to forget, only when the server says so (S0.14)."""
        unknown = {"rpId": "testserver", "credentialId": "abc"}
        html = render(SIGN_IN, rf.get("/"), unknown_credential=unknown, passkey_error="No.")
        assert 'data-forget-rp-id="testserver" data-forget-id="abc"' in html
        assert ">No.</p>" in html
        assert "data-forget" not in render(SIGN_IN, rf.get("/"))

    def test_no_request(self) -> None:
        """Render nothing without a request: there is no token to send."""
        assert render(SIGN_IN) == ""

    def test_page(self, client: Client, db: None) -> None:
        """Offer autofill in the ready page's fields (PLATFORM: webauthn comes last)."""
        html = client.get("/passkeys/sign-in/").content.decode()
        assert 'autocomplete="username webauthn"' in html
        assert 'autocomplete="current-password"' in html
        assert "<otp-passkey-sign-in" in html


class TestPages:
    """The pages that work without JavaScript (S2.8)."""

    def test_rename(self, alice: User, signed_in: Callable[..., Client]) -> None:
        """Show the nickname in a labelled field, and what is wrong with a bad one (S1.13)."""
        row = stored(alice, nickname="Phone")
        client = signed_in(alice)
        html = client.get(f"/passkeys/{row.pk}/rename/").content.decode()
        assert 'for="otp-passkeys-nickname"' in html
        assert 'value="Phone"' in html
        html = client.post(f"/passkeys/{row.pk}/rename/", {"nickname": "a\u202eb"}).content.decode()
        assert 'aria-invalid="true"' in html

    def test_delete(self, alice: User, signed_in: Callable[..., Client]) -> None:
        """Name passkey, provider and consequence; the script shows the promise where it is true (S1.14, S0.16)."""
        row = stored(alice, nickname="Phone")
        html = signed_in(alice).get(f"/passkeys/{row.pk}/delete/").content.decode()
        assert "Apple Passwords" in html
        assert "You won’t be able to sign in with this passkey any more." in html
        assert " hidden>We’ll also ask your browser to remove it from Apple Passwords." in html
        assert row.id_base64url not in html

    def test_last_passkey(
        self, alice: User, signed_in: Callable[..., Client], settings: Any
    ) -> None:
        """Warn before the last passkey goes, and name the ways in that remain."""
        row = stored(alice)
        settings.OTP_PASSKEYS_POLICY = f"{__name__}.ByMail"
        html = signed_in(alice).get(f"/passkeys/{row.pk}/delete/").content.decode()
        assert "This is your last passkey." in html
        assert "You can still sign in with your password or a link by &lt;mail&gt;." in html
        stored(alice, 2)
        html = signed_in(alice).get(f"/passkeys/{row.pk}/delete/").content.decode()
        assert "This is your last passkey." not in html

    def test_only_way_in(self, alice: User, signed_in: Callable[..., Client]) -> None:
        """Say what to do first, and offer no button that would be refused."""
        row = stored(alice)
        lose_password(alice)
        html = signed_in(alice).get(f"/passkeys/{row.pk}/delete/").content.decode()
        assert "your only way to sign in" in html
        assert 'type="submit"' not in html.split("data-question")[1]

    def test_removal(self, alice: User, signed_in: Callable[..., Client]) -> None:
        """Say how to remove a passkey by hand at this provider, and hand the script what to say afterwards."""
        row = stored(alice)
        html = signed_in(alice).get(f"/passkeys/{row.pk}/delete/").content.decode()
        assert (
            "It stays where it is saved until you delete it there too. Open the Passwords app"
            in html
        )
        done = " ".join(html.split('data-done="')[1].split('"')[0].split())
        assert done.startswith("“Apple Passwords” was deleted. If it still comes up when you sign")


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=59), "Last used just now"),
        (timedelta(seconds=61), "Last used 1 minute ago"),
        (timedelta(hours=2, minutes=40), "Last used 2 hours ago"),
        (timedelta(seconds=-5), "Last used just now"),
    ],
)
def test_last_used(ago: timedelta, words: str) -> None:
    """Say in one unit how long ago it was (S1.2)."""
    assert passkey_last_used(timezone.now() - ago).replace("\xa0", " ") == words


def test_never_used() -> None:
    """Say so when a passkey was never used (S1.2)."""
    assert passkey_last_used(None) == "Never used"
