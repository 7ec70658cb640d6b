"""The cookie of a session that is gone: the answer to a page takes it away, and the answer to a script leaves it.

A script may have asked before its user confirmed or signed in, and the browser have the next session's cookie by now.
"""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from otp_passkeys.views.panel import ListView

from ..helpers.rows import stored_passkey
from .requests import JSON, POSTING, path_of

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["db", "cache", "cached_db", "file"])
def gone(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> str:
    """Return the key of a session that has ended, whatever engine kept it."""
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    settings.SESSION_FILE_PATH = str(tmp_path)
    return "a-key-that-no-session-has-any-more"


def with_key(key: str) -> Client:
    """Return a browser that has the cookie of a session, and gets pages where the site's code fails."""
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = key
    return client


@pytest.mark.parametrize("csrf_use_sessions", [False, True])
def test_scripts(gone: str, alice: User, settings: Any, csrf_use_sessions: bool) -> None:
    """S4.9: no answer to a script takes the cookie away; the answer to a page does."""
    settings.CSRF_USE_SESSIONS = csrf_use_sessions
    stored_passkey(alice)
    asked = [("GET", "list"), ("GET", "sync"), *(("POST", name) for name in POSTING)]
    if csrf_use_sessions:  # a session is begun, which keeps what the challenge is bound to
        asked.remove(("POST", "authenticate-options"))
    for method, name in asked:
        response = with_key(gone).generic(
            method, path_of(name), b"{}", JSON, headers={"Accept": JSON}
        )
        assert response.status_code < 500
        assert "sessionid" not in response.cookies, (method, name)
    by_htmx = with_key(gone).get(path_of("list"), headers={"HX-Request": "true"})
    assert "sessionid" not in by_htmx.cookies
    assert not with_key(gone).get(path_of("list")).cookies["sessionid"].value


def test_script_that_signs_out(browser: Client) -> None:
    """S4.9: where the request itself has ended the session, its answer takes the cookie away."""
    forget = reverse("otp_passkeys:forget")
    assert browser.post(forget, {"sign_out": "yes"}, headers={"Accept": JSON}).status_code == 302
    assert not browser.cookies["sessionid"].value


def fail(request: HttpRequest, subject: object) -> None:
    """Throttle as a site does whose cache is gone."""
    raise RuntimeError("the site's own trouble")


def test_site_that_fails(gone: str, settings: Any) -> None:
    """S4.9: so it is where the site's own code fails."""
    settings.CSRF_USE_SESSIONS = True  # the session is read
    settings.OTP_PASSKEYS_THROTTLE = f"{__name__}.fail"
    address = reverse("otp_passkeys:authenticate-options")
    response = with_key(gone).post(address, {}, content_type=JSON)
    assert response.status_code == 500
    assert not response.cookies


def test_dictionary_for_a_session(rf: RequestFactory, alice: User) -> None:
    """S1.17: the tests of a site may give a request a dictionary for a session."""
    request = rf.get(reverse("otp_passkeys:list"), headers={"Accept": JSON})
    request.user, request.session = alice, {}  # type: ignore[assignment]
    assert ListView.as_view()(request).status_code == 200
