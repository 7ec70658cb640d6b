"""The template tags, rendered as a site's templates use them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.template import Context, RequestContext, Template
from django.test import Client, RequestFactory
from django.utils import timezone

from otp_passkeys.models import Passkey
from otp_passkeys.sync import request_user_details_sync
from otp_passkeys.templatetags.otp_passkeys import passkey_last_used

SYNC = "{% load otp_passkeys %}{% render_otp_webauthn_sync_signals_scripts %}"
PANEL = "{% load otp_passkeys %}{% passkey_panel %}"
SIGN_IN = "{% load otp_passkeys %}{% passkey_sign_in %}"
APPLE = "fbfc3007-154e-4ecc-8c0b-6e020557d7bd"


class FalsyNonce:
    """A nonce as Django 6 has it: falsy until it is written out."""

    def __init__(self) -> None:
        self.used = False

    def __bool__(self) -> bool:
        return self.used

    def __str__(self) -> str:
        self.used = True
        return "n0nce"


def passkey(user: User, number: int = 1, **fields: Any) -> Passkey:
    """Store a passkey without a ceremony: what is tested here is how it looks."""
    return Passkey.objects.create(
        user=user,
        credential_id=b"credential %d" % number,
        public_key=b"key",
        rp_id="testserver",
        **{"aaguid": APPLE, "transports": ["internal"], **fields},
    )


@pytest.fixture
def request_of(rf: RequestFactory) -> Callable[[User], HttpRequest]:
    """Return a function that makes a request of a user whose session is stored."""

    def make(user: User) -> HttpRequest:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        request = rf.get("/")
        request.COOKIES["sessionid"] = client.cookies["sessionid"].value
        request.session = client.session
        request.user = user
        return request

    return make


def render(source: str, request: HttpRequest | None = None, **variables: Any) -> str:
    """Render a template's source as a view would, or without a request."""
    context = RequestContext(request, variables) if request else Context(variables)
    return Template(source).render(context)


class TestSync:
    """The tag of the site's base template."""

    def test_due(self, alice: User, request_of: Callable[[User], HttpRequest]) -> None:
        """Render the element and its module, with nothing personal in them (S0.2, S0.10)."""
        request = request_of(alice)
        request_user_details_sync(request)
        html = render(SYNC, request)
        assert '<otp-passkey-sync url="/passkeys/sync/">' in html
        assert '<script type="module" src="/static/otp_passkeys/sync.js"></script>' in html
        assert "alice" not in html
        assert "Alice" not in html
        assert request.session["otp_passkeys_sync"] not in html

    def test_rendering_writes_nothing(
        self, alice: User, request_of: Callable[[User], HttpRequest]
    ) -> None:
        """Leave the flag to the browser's report (S0.10)."""
        request = request_of(alice)
        request_user_details_sync(request)
        request.session.save()
        request.session.modified = False
        render(SYNC, request)
        assert not request.session.modified
        assert "otp_passkeys_sync" in request.session

    def test_not_due(self, alice: User, request_of: Callable[[User], HttpRequest]) -> None:
        """Render not a byte when the session has just synced (S0.3)."""
        request = request_of(alice)
        request.session.pop("otp_passkeys_sync", None)
        request.session["otp_passkeys_synced_at"] = int(timezone.now().timestamp())
        assert render(SYNC, request) == ""

    def test_visitor(self, client: Client, count: Callable[..., Any], db: None) -> None:
        """Touch neither session nor user of a visitor (S0.4)."""
        with count(statements=0):
            response = client.get("/tagged/")
        assert "otp-passkey-sync" not in response.content.decode()
        assert "Cookie" not in response.headers.get("Vary", "")
        assert not response.cookies

    @pytest.mark.parametrize("page", ["/tagged/", "/tagged-by-other-name/"])
    def test_libraries(self, page: str, alice: User, signed_in: Callable[..., Client]) -> None:
        """Answer to both names of the library."""
        response = signed_in(alice).get(page)
        assert "<otp-passkey-sync" in response.content.decode()
        assert not response.cookies

    def test_no_request(self) -> None:
        """Survive an error page, which has no request in its context (S0.21)."""
        assert render(SYNC) == ""
        assert render(SYNC, request=None) == ""

    def test_no_session_no_user(self, rf: RequestFactory) -> None:
        """Survive an error before the middleware had its turn (S0.21)."""
        request = rf.get("/")
        request.COOKIES["sessionid"] = "x"
        assert Template(SYNC).render(Context({"request": request})) == ""

    @pytest.mark.database_sessions
    def test_in_async_code(self, alice: User, request_of: Callable[[User], HttpRequest]) -> None:
        """Render nothing where the session cannot be read, rather than fail (S0.21)."""
        request = request_of(alice)

        async def view() -> str:
            return Template(SYNC).render(Context({"request": request}))

        assert asyncio.run(view()) == ""

    def test_twice(self, alice: User, request_of: Callable[[User], HttpRequest]) -> None:
        """Render the same twice on a page; the module makes one sync of them (S0.21)."""
        request = request_of(alice)
        request_user_details_sync(request)
        once = render(SYNC, request)
        assert render(SYNC * 2, request) == once * 2

    def test_leaves_the_context_alone(
        self, alice: User, request_of: Callable[[User], HttpRequest]
    ) -> None:
        """Neither change nor add a variable of the page (S0.21)."""
        request = request_of(alice)
        request_user_details_sync(request)
        source = SYNC + "{{ url }}|{{ passkeys }}|{{ next }}|{{ embedded }}|{{ user.username }}"
        html = render(source, request, url="mine", next="ours")
        assert html.endswith("mine||ours||alice")

    @pytest.mark.parametrize("place", ["context", "_csp_nonce", "csp_nonce"])
    def test_nonce(
        self, place: str, alice: User, request_of: Callable[[User], HttpRequest]
    ) -> None:
        """Put the page's nonce on the script, although it is falsy until used (S0.21)."""
        request = request_of(alice)
        request_user_details_sync(request)
        nonce = FalsyNonce()
        if place == "context":
            html = render(SYNC, request, csp_nonce=nonce)
        else:
            setattr(request, place, nonce)
            html = render(SYNC, request)
        assert 'src="/static/otp_passkeys/sync.js" nonce="n0nce"></script>' in html

    def test_no_nonce(self, alice: User, request_of: Callable[[User], HttpRequest]) -> None:
        """Write no empty nonce, and use none up, where nothing is rendered."""
        request = request_of(alice)
        request_user_details_sync(request)
        assert "nonce" not in render(SYNC, request)
        nonce = FalsyNonce()
        render(SYNC, None, csp_nonce=nonce)
        assert not nonce


class TestPanel:
    """The list inside a page of the site."""

    def test_rows(self, alice: User, request_of: Callable[[User], HttpRequest]) -> None:
        """Show icon, name, dates, and each row's own controls (S1.2, S2.6)."""
        named = passkey(alice, 1, nickname="Phone <b>")
        plain = passkey(alice, 2, backup_state=True, last_used_at=timezone.now())
        html = render(PANEL, request_of(alice))
        assert f'href="/passkeys/{named.pk}/rename/" aria-label="Rename Phone &lt;b&gt;"' in html
        assert f'href="/passkeys/{plain.pk}/delete/" aria-label="Delete Apple Passwords"' in html
        assert html.count('<picture class="otp-passkeys-icon">') == 2
        assert "<b>" not in html
        for words in ("Never used", "Last used just now", "Synced", "On one device only"):
            assert words in html
        assert f'<time datetime="{plain.created_at.isoformat()[:10]}' in html

    def test_only_own(
        self, alice: User, eve: User, request_of: Callable[[User], HttpRequest]
    ) -> None:
        """Show no passkey of anybody else (S1.10)."""
        passkey(alice, nickname="of alice")
        assert "of alice" not in render(PANEL, request_of(eve))

    def test_empty(self, alice: User, request_of: Callable[[User], HttpRequest]) -> None:
        """Say what a passkey is and how to add one (S1.16)."""
        html = render(PANEL, request_of(alice))
        assert "No passkeys yet" in html
        assert "A passkey replaces your password." in html
        assert "choose “Add a passkey”" in html

    def test_syncs_always(self, alice: User, request_of: Callable[[User], HttpRequest]) -> None:
        """Sync on every load, due or not (S1.3)."""
        html = render(PANEL, request_of(alice))
        assert '<otp-passkey-sync url="/passkeys/sync/" now>' in html

    def test_no_inline_code(self, alice: User, request_of: Callable[[User], HttpRequest]) -> None:
        """Hold no inline script, style or handler, so that a strict policy is kept."""
        passkey(alice)
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
        stored = passkey(alice, aaguid=None, transports=[])
        Passkey.objects.filter(pk=stored.pk).update(created_at=None)
        html = render(PANEL, request_of(alice))
        assert "Unknown passkey provider" in html
        assert "Added" not in html.split("data-list")[1].split("otp-passkeys-footer")[0]

    def test_added_row(self, alice: User, signed_in: Callable[..., Client]) -> None:
        """Point at the row that a form has just added, and at no other."""
        stored = passkey(alice)
        client = signed_in(alice)
        assert "data-highlight" in client.get(f"/passkeys/?added={stored.pk}").content.decode()
        for query in ("", "?added=", f"?added={stored.pk + 1}", "?added=%3Cb%3E"):
            assert "data-highlight" not in client.get(f"/passkeys/{query}").content.decode()


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
        stored = passkey(alice, nickname="Phone")
        client = signed_in(alice)
        html = client.get(f"/passkeys/{stored.pk}/rename/").content.decode()
        assert 'for="id_nickname"' in html
        assert 'value="Phone"' in html
        html = client.post(
            f"/passkeys/{stored.pk}/rename/", {"nickname": "a\u202eb"}
        ).content.decode()
        assert 'aria-invalid="true"' in html

    def test_delete(self, alice: User, signed_in: Callable[..., Client]) -> None:
        """Name passkey, provider and consequence; promise nothing about the browser (S1.14, S0.16)."""
        stored = passkey(alice, nickname="Phone")
        html = signed_in(alice).get(f"/passkeys/{stored.pk}/delete/").content.decode()
        assert "Apple Passwords" in html
        assert "no longer be able to sign in here with “Phone”" in html
        assert "Your browser will be asked to remove it" in html
        assert stored.id_base64url not in html


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
