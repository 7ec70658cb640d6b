"""A request that asks for JSON is refused in JSON, whatever its method or body, by every view of the app."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import include, path, reverse

from otp_passkeys import providers
from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator
from otp_passkeys.urls import urlpatterns as ours

from ..conftest import PASSWORD
from ..helpers.reauthentication import PAGE, asks, grow_old
from ..helpers.registries import NOBODY, ZERO
from ..helpers.steps import ask
from .requests import FORM, JSON, POSTING, path_of

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

urlpatterns = [
    path("", include("otp_passkeys.well_known")),
    path("", include("tests.reauthentication.urls")),
]
pytestmark = pytest.mark.urls(__name__)
SIGN_IN = "/passkeys/sign-in/"
NAMES = [str(pattern.name) for pattern in ours if pattern.name != "icon"]
WELL_KNOWN = ["/.well-known/webauthn", "/.well-known/passkey-endpoints"]


def icon(aaguid: str) -> str:
    """Return the address of an icon."""
    return reverse("otp_passkeys:icon", args=[providers.icon_version(), aaguid, "light"])


def refused(response: Response) -> tuple[int, str]:
    """Return the status and the code of a refusal in JSON."""
    assert response["Content-Type"] == JSON, response.content
    assert set(response.json()) - {"reauthenticate_url"} == {"detail", "code"}
    return response.status_code, response.json()["code"]


def send(client: Client, address: str, method: str, body: bytes = b"a=b", kind: str = FORM) -> Any:
    """Send a body that is no JSON and ask for JSON."""
    return client.generic(method, address, body, kind, secure=True, headers={"Accept": JSON})


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_other_methods(owner: Client, method: str) -> None:
    """T25: 405 with `Allow`; a browser's own request gets the bare one, as ever."""
    addresses = [path_of(name) for name in NAMES] + [icon(ZERO), *WELL_KNOWN]
    for address in addresses:
        takes = address == SIGN_IN and method == "PUT"  # as Django's page does
        if takes or (method == "POST" and address in map(path_of, POSTING)):
            continue
        response = send(owner, address, method)
        assert refused(response) == (405, "method_not_allowed")
        assert "Allow" in response
        bare = owner.generic(method, address, b"a=b", FORM, headers={"Accept": "text/html"})
        assert bare.status_code == 405
        is_for_scripts = address.endswith(("/options/", "/sync/"))
        assert bool(bare.content) is is_for_scripts


@pytest.mark.parametrize("name", POSTING)
def test_bodies(owner: Client, name: str) -> None:
    """T12: a body that is too large, in another encoding or of another type."""
    address = path_of(name)
    large = send(owner, address, "POST", b"x" * 70_000)
    assert refused(large) == (413, "too_large")
    other = send(owner, address, "POST", kind=f"{FORM}; charset=latin-1")
    assert refused(other) == (415, "unsupported_media_type")
    page = owner.post(address, b"x" * 70_000, FORM, headers={"Accept": "text/html"})
    assert page.status_code == 413
    is_for_scripts = address.endswith(("/options/", "/sync/"))
    assert page["Content-Type"].startswith(JSON if is_for_scripts else "text/html")


@pytest.mark.parametrize("name", ["register", "authenticate", "rename", "reauthenticate"])
def test_forms(owner: Client, name: str) -> None:
    """T12: a form is still read as a form, and its refusal is JSON."""
    body = b"credential=%7B&nickname=%00"
    status, code = refused(send(owner, path_of(name), "POST", body))
    assert (status, code) in {(400, "malformed_request"), (422, "invalid_nickname")}


def test_missing(owner: Client, settings: Any) -> None:
    """S1.8: an icon that is not there, and a file that this host has not."""
    assert refused(send(owner, icon(NOBODY), "GET")) == (404, "not_found")
    settings.ALLOWED_HOSTS = ["*"]
    for address in WELL_KNOWN:
        headers = {"Host": "192.0.2.1", "Accept": JSON}
        response = owner.get(address, headers=headers)
        assert refused(response) == (404, "not_found")
        assert response["Cache-Control"] == "no-store"
        assert owner.get(address, headers={**headers, "Accept": "*/*"}).content == b""


def test_sessions_that_hang_on_no_password(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """S6.15: where sessions cannot be ended, the address leads to nothing."""
    monkeypatch.setattr("otp_passkeys.views.sign_out_elsewhere.ends_sessions", lambda user: False)
    address = path_of("sign-out-elsewhere")
    for method in ("GET", "POST"):
        assert refused(send(owner, address, method)) == (404, "not_found")
    assert owner.get(address)["Content-Type"].startswith("text/html")


def test_sign_in_page(alice: User, settings: Any) -> None:
    """T20, S4: a right and a wrong password and a limit, on the page that signs in, which is as ever for browsers.

    A script was told where to go though nobody had been signed in, and took that for a sign-in.
    """
    body = {"username": "alice", "password": "wrong"}
    response = Client().post(SIGN_IN, body, headers={"Accept": JSON})
    assert refused(response) == (422, "reauthentication_failed")
    assert "Please enter a correct username and password." in response.json()["detail"]
    assert Client().post(SIGN_IN, body).status_code == 200
    visitor, right = Client(), {"username": "alice", "password": PASSWORD, "next": "/tagged/"}
    response = visitor.post(SIGN_IN, right, headers={"Accept": JSON})
    assert (response.status_code, response.json()) == (200, {"redirect_url": "/tagged/"})
    assert "otp_passkeys_accounts" in visitor.cookies
    # Somebody else is signed in already, whom a form does not sign out.
    User.objects.create_user("bob", password=PASSWORD)
    response = visitor.post(SIGN_IN, {**right, "username": "bob"}, headers={"Accept": JSON})
    assert refused(response) == (422, "reauthentication_failed")
    assert visitor.session["_auth_user_id"] == str(alice.pk)
    # Nor is an account signed in that the browser does not remember any longer.
    response = visitor.post(SIGN_IN, {**right, "account": "x"}, headers={"Accept": JSON})
    assert refused(response) == (422, "reauthentication_failed")
    response = visitor.post(SIGN_IN, {"switch": "1"}, headers={"Accept": JSON})
    assert response.json() == {"redirect_url": f"{SIGN_IN}?other=1"}
    response = visitor.post(SIGN_IN, {}, headers={"Accept": JSON})
    assert response.json()["detail"] == "This field is required."
    settings.OTP_PASSKEYS_THROTTLE = lambda request, occasion: 7
    response = Client().post(SIGN_IN, {**body, "password": PASSWORD}, headers={"Accept": JSON})
    assert refused(response) == (429, "throttled")
    assert response["Retry-After"] == "7"


def test_view_of_the_site(owner: Client) -> None:
    """S4.11: a view that is protected refuses a form that wants JSON in JSON, and says what that depends on."""
    grow_old(owner)
    response = send(owner, "/act/", "DELETE")
    assert refused(response) == (403, "reauthentication_required")
    assert response.json()["reauthenticate_url"] == PAGE
    page = owner.get("/act/")
    assert page["Location"] == asks(PAGE, "/act/")
    for one in (response, page):
        assert {"Accept", "Origin"} <= set(one["Vary"].split(", "))
        # The page that the user comes back to is in the answer, and no Vary tells of it.
        assert "no-store" in one["Cache-Control"]


def test_ceremony_by_a_form(passkey: Passkey, authenticator: Authenticator) -> None:
    """S4: the credential of a form is its text, however the form is answered."""
    visitor = Client()
    credential = authenticator.get(ask(visitor, "authenticate-options"))
    body = {"credential": json.dumps(credential)}
    address = path_of("authenticate")
    response = visitor.post(address, body, secure=True, headers={"Accept": JSON})
    assert (response.status_code, response.json()) == (200, {"redirect_url": "/"})


def test_deletion_by_a_form(owner: Client) -> None:
    """S1.15: what a form does is answered in JSON too."""
    address = path_of("rename")
    response = send(owner, address, "POST", b"nickname=Desk")
    assert response.json()["nickname"] == "Desk"
    assert send(owner, path_of("delete"), "POST", b"").status_code == 204
