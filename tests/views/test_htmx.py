"""What htmx is told where a user is not signed in any more: it follows a redirect by itself, the browser does not."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey

from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn

ADDRESSES = [
    ("GET", ""), ("GET", "{pk}/rename/"), ("POST", "{pk}/rename/"), ("GET", "{pk}/delete/"),
    ("POST", "{pk}/delete/"), ("POST", "register/"), ("POST", "sync/"),
]  # fmt: skip
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/settings/?a=1"}


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
def test_signed_out(alice: User, method: str, address: str) -> None:
    """The browser goes to the sign-in page as a whole, and comes back to its own page (S1.12).

    A redirect was followed by htmx, which put the sign-in page into a fragment.
    """
    passkey = stored_passkey(alice, nickname="Phone")
    path = f"/passkeys/{address.format(pk=passkey.pk)}"
    form = "application/x-www-form-urlencoded"
    response = Client().generic(method, path, b"nickname=Mine", content_type=form, headers=HTMX)
    assert response.status_code == 401
    led = "/passkeys/reauthenticate/?next=%2Fsettings%2F%3Fa%3D1"
    assert response["HX-Redirect"] == led
    assert response.json() == {
        "detail": "Sign in first.",
        "code": "not_authenticated",
        "reauthenticate_url": led,
    }
    assert Client().get(led)["Location"] == "/passkeys/sign-in/?next=/settings/%3Fa%3D1"
    directives = set(response["Cache-Control"].split(", "))
    assert directives >= {"max-age=0", "no-cache", "no-store", "must-revalidate", "private"}
    assert Passkey.objects.get().nickname == "Phone"


@pytest.mark.parametrize("page", ["", "https://evil.example/", "javascript:1"])
def test_foreign_page(db: None, page: str) -> None:
    """A page of another site is not returned to (T17)."""
    response = Client().post("/passkeys/1/delete/", headers=HTMX | {"HX-Current-URL": page})
    assert response["HX-Redirect"] == "/passkeys/reauthenticate/"
    assert Client().get("/passkeys/reauthenticate/")["Location"] == "/passkeys/sign-in/?next=/"


def test_signed_in(alice: User, signed_in: SignedIn) -> None:
    """A user who is signed in gets the same answer by htmx as without it."""
    passkey = stored_passkey(alice)
    client = signed_in(alice)
    response = client.post(
        f"/passkeys/{passkey.pk}/rename/", {"nickname": "Desk"}, headers=HTMX, follow=True
    )
    assert response.redirect_chain == [("/passkeys/#otp-passkeys-news", 302)]
    assert b"data-list" in response.content
    refused = client.post(f"/passkeys/{passkey.pk}/rename/", {"nickname": "a\u202eb"}, headers=HTMX)
    assert refused.status_code == 422
    assert "HX-Redirect" not in refused
