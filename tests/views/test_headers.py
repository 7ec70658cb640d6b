"""Headers, cookies and queries that nobody sends: none is an error of the server."""

from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.template import Context, Template
from django.test import Client, RequestFactory

from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn
from .requests import GETTING, JSON, path_of

HALF = "\ud800"  # of a surrogate pair


ACCEPT = [
    "text/html; a*=nonsense''x",
    "text/html; a*=nonsense''%41",  # at which the first releases of Django 5.2 fail
    "text/html; a*=undefined''x",
    "text/html; a*=raw_unicode_escape''%5Cud800",
    "x" * 20_000,
    "text/html;q=nan",
    ";,;*/*;q=",
    "\xff/\xfe",
]


@pytest.mark.urls("tests.reauthentication.urls")
@pytest.mark.parametrize("accept", ACCEPT, ids=range(len(ACCEPT)))
def test_odd_accept(owner: Client, accept: str) -> None:
    """T12: an Accept header that cannot be read asks for nothing, at a view of the site too."""
    for target in (*map(path_of, GETTING), "/decorated/", "/mixed/"):
        for browser in (owner, Client()):
            response = browser.get(target, headers={"Accept": accept}, secure=True)
            assert response.status_code < 500
            if accept == ACCEPT[0] and target != path_of("sync"):
                assert response.headers.get("Content-Type") != JSON


@pytest.mark.urls("tests.reauthentication.urls")
@pytest.mark.parametrize(
    "header",
    ["User-Agent", "Referer", "HX-Current-URL", "Sec-Fetch-Site", "X-CSRFToken", "Origin", "Accept-Language"],
)  # fmt: skip
def test_odd_headers(alice: User, signed_in: SignedIn, header: str) -> None:
    """T12: any byte in a header, and none is an error of the server."""
    stored_passkey(alice)
    values = ["".join(map(chr, range(start, start + 64))) for start in (1, 65, 129, 192)]
    values += ["http://[", "https://testserver/\xff\xfe", "https://testserver/\\ud800", "x" * 9000]
    for value in values:
        if header == "Origin" and not value.isprintable():
            continue  # Django writes it into its log
        for target in ("/passkeys/", path_of("sync"), path_of("sign-in"), "/decorated/"):
            client = signed_in(alice)
            for method in ("GET", "POST"):
                meta: dict[str, Any] = {"headers": {header: value, "HX-Request": "true"}}
                assert client.generic(method, target, secure=True, **meta).status_code < 500


@pytest.mark.parametrize("name", ["otp_passkeys_accounts", "csrftoken", "messages"])
def test_odd_cookies(alice: User, owner: Client, name: str) -> None:
    """T14: any cookie but the session's, which is the site's: quoted NUL, bytes beyond ASCII, halves of pairs."""
    session = owner.cookies["sessionid"].value
    for value in (
        '"\\000"',
        '"\\377\\355\\240\\200"',
        "\\ud800",
        "\xff",
        "\xed\xa0\x80",
        "x" * 3000,
    ):
        for more in ("", f"; sessionid={session}"):
            for target in ("/passkeys/", path_of("sign-in"), path_of("reauthenticate")):
                # As it is: a client would quote it.
                headers = {"Cookie": f"{name}={value}{more}"}
                response = Client().get(target, secure=True, headers=headers)
                assert response.status_code < 500


@pytest.mark.parametrize("target", [HALF, f"/{HALF}", "/\0", "/\u202e", "/\x7f"])
def test_the_tag_repeats_no_half(rf: RequestFactory, target: str) -> None:
    """T14: on a page of the site too, which may be asked with an encoding in which the query has halves of pairs."""
    page = Template("{% load otp_passkeys %}{% passkey_sign_in %}")
    asked = rf.get("/", {"next": target} if target.isascii() else {})
    for context in ({"request": asked, "next": target}, {"request": asked}):
        html = page.render(Context(context))
        assert 'next=""' in html
        assert html.encode()
    charset = "text/plain; charset=unicode_escape"
    asked = rf.get(f"/?next={quote(ascii(target)[1:-1])}", CONTENT_TYPE=charset)
    assert 'next=""' in page.render(Context({"request": asked}))
    assert 'next="/tagged/"' in page.render(Context({"request": rf.get("/?next=/tagged/")}))
