"""The template tags, rendered as a site's templates use them."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import timezone

from otp_passkeys.sync import request_user_details_sync

from ..helpers.templates import SYNC, render


class FalsyNonce:
    """A nonce as Django 6 has it: falsy until it is written out."""

    def __init__(self) -> None:
        self.used = False

    def __bool__(self) -> bool:
        return self.used

    def __str__(self) -> str:
        self.used = True
        return "n0nce"


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


class TestAssets:
    """The tag that loads files."""

    @pytest.mark.parametrize("name", ["add.js", "delete.js", "offer.js", "panel.js", "sign-in.js"])
    def test_brings_what_is_needed(self, name: str) -> None:
        """Load the script that others wait for, once; what a template names itself stays as it is."""
        html = render(
            f'{{% load otp_passkeys %}}{{% passkey_assets "{name}" "ceremony.js" "{name}" %}}'
        )
        loaded = '<script type="module" src="/static/otp_passkeys/{}"></script>'
        assert html == loaded.format("ceremony.js") + loaded.format(name)

    @pytest.mark.parametrize("name", ["sync.js", "otp_passkeys.css"])
    def test_needs_nothing(self, name: str) -> None:
        """Load nothing beside what stands alone."""
        assert "ceremony.js" not in render(
            f'{{% load otp_passkeys %}}{{% passkey_assets "{name}" %}}'
        )

    def test_renamed_csrf_header(self, settings: Any) -> None:
        """S6.7: tell the scripts which header Django takes, if it is not its own."""
        source = '{% load otp_passkeys %}{% passkey_assets "otp_passkeys.css" "panel.js" %}'
        assert "csrf" not in render(source)
        settings.CSRF_HEADER_NAME = "HTTP_X_XSRF_TOKEN"
        html = render(source)
        assert html.count(' data-csrf-header="X-XSRF-TOKEN"></script>') == 2
        assert html.startswith(
            '<link rel="stylesheet" href="/static/otp_passkeys/otp_passkeys.css">'
        )
