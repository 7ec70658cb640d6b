"""The offer where nothing is due, or something is missing."""

from collections.abc import Callable

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.template import Context, Template
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from otp_passkeys import offers
from otp_passkeys.models import Passkey

from ..conftest import PASSWORD
from ..helpers.counting import counting
from .site import change_session, offered, with_password

pytestmark = [pytest.mark.urls("tests.offers.site"), pytest.mark.django_db]


class TestCosts:
    """What pages pay on which nothing is due."""

    @pytest.mark.parametrize("cookie", [False, True])
    def test_visitor(self, client: Client, cookie: bool) -> None:
        """S0.4: no session, no statement, no `Vary`; nor with a session cookie of nobody's."""
        if cookie:
            client.cookies["sessionid"] = ""
        with counting(statements=0):
            answer = client.get("/page/")
        assert answer.content == b"hello"
        if not cookie:
            assert not answer.wsgi_request.session.accessed
            assert not answer.has_header("Vary")

    @pytest.mark.database_sessions
    def test_nothing_due(self, alice: User, passkey: Passkey) -> None:
        """S0.3: one statement, the session's own, and not a byte."""
        client = with_password(alice)
        with counting(statements=1):
            assert client.get("/page/").content == b"hello"

    @pytest.mark.database_sessions
    def test_due(self, alice: User) -> None:
        """S0.3: where it is due it costs nothing either: the sign-in has asked the database."""
        client = with_password(alice)
        with counting(statements=1):
            assert b"otp-passkey-offer" in client.get("/page/").content

    @pytest.mark.database_sessions
    def test_sign_in(self, alice: User, passkey: Passkey) -> None:
        """A sign-in by password asks once whether there is a passkey."""
        client = Client()
        with counting(statements=20) as seen:
            client.login(username="alice", password=PASSWORD)
        asked = [one for one in seen.statements if "otp_passkeys_passkey" in one]
        assert len(asked) == 1


class TestSurroundings:
    """Where something is missing."""

    def test_no_request(self) -> None:
        """S0.21: a template rendered without a request has no offer."""
        assert Template("{% load otp_passkeys %}{% passkey_offer %}").render(Context()) == ""
        assert offers.due(None) is None

    @pytest.mark.parametrize(
        "note",
        ["", 1, {}, {"time": "x"}, {"time": 0}, {"time": 4e9}, {"time": 4e9, "upgrade": True}],
    )
    def test_strange_notes(self, alice: User, note: object) -> None:
        """S0.21: a note of another version breaks no page."""
        client = with_password(alice)
        change_session(client, **{offers.NOTE: note})
        assert not offered(client)

    def test_sign_in_without_a_request(self, alice: User) -> None:
        """S0.21: packages that sign users in without a request, or without a session, go on."""
        bare = HttpRequest()
        for request in (None, bare):
            user_logged_in.send(sender=User, request=request, user=alice)

    def test_signal_of_a_package_that_opens_no_session(
        self, client: Client, alice: User, request_of: Callable[[User], HttpRequest]
    ) -> None:
        """S0.21: who hands out tokens sends the signal too; nothing is noted for a visitor."""
        request = request_of(alice)
        request.session.flush()
        user_logged_in.send(sender=User, request=request, user=alice)
        assert offers.NOTE not in request.session

    def test_session_without_a_user(
        self, alice: User, request_of: Callable[[User], HttpRequest]
    ) -> None:
        """S0.4: a note in the session of nobody offers nothing."""
        request = request_of(alice)
        offers.on_user_logged_in(User, request, alice)
        assert offers.due(request) is not None
        del request.session[SESSION_KEY]
        assert offers.due(request) is None

    def test_user_without_middleware(
        self, alice: User, request_of: Callable[[User], HttpRequest]
    ) -> None:
        """S0.21: a page of a site whose middleware is missing is rendered, without an offer."""
        TOTPDevice.objects.create(user=alice, confirmed=True)
        request = request_of(alice)
        offers.on_user_logged_in(User, request, alice)
        assert offers.due(request) is None
