"""The icon view: cacheable for ever, and no document."""

from pathlib import Path

import django
import pytest
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse

from otp_passkeys import providers
from otp_passkeys.providers.directory import Directory
from otp_passkeys.views.icons import icon

from ..helpers.registries import ICONLESS, KONAI, NOBODY, ONE_PASSWORD, ZERO

POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
SITE_MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django_otp.middleware.OTPMiddleware",
]


def address(aaguid: str, theme: str = "light", version: str | None = None) -> str:
    return reverse("otp_passkeys:icon", args=[version or providers.icon_version(), aaguid, theme])


def assert_harmless(response) -> None:
    assert response["Content-Security-Policy"] == POLICY
    assert response["Content-Disposition"] == "attachment"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("aaguid", [ONE_PASSWORD, ONE_PASSWORD.upper(), KONAI, ICONLESS, ZERO])
def test_icon(client, aaguid, theme):
    """Known providers and the neutral icon are served, to be kept for ever (S1.7, S1.8)."""
    response = client.get(address(aaguid, theme))
    expected = providers.icon(aaguid, theme)
    assert expected
    assert response.status_code == 200
    assert response.content == expected.content
    assert response["Content-Type"] == expected.content_type
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert_harmless(response)


def test_head(client):
    """HEAD has the headers of GET and no body."""
    response = client.head(address(ZERO))
    assert response.status_code == 200
    assert response.content == b""
    assert response["Content-Type"] == "image/svg+xml"
    assert_harmless(response)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_other_methods(client, method):
    """Nothing else is taken."""
    response = getattr(client, method)(address(ONE_PASSWORD))
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("aaguid", "theme"),
    [
        (NOBODY, "light"), ("nonsense", "light"), ("%00", "light"),
        (ZERO.replace("-", ""), "light"), (f"{{{ONE_PASSWORD}}}", "light"),
        (ONE_PASSWORD, "Light"), (ONE_PASSWORD, "sepia"), (NOBODY, "sepia"),
    ],
)  # fmt: skip
def test_not_found(client, aaguid, theme):
    """Unknown AAGUID, malformed AAGUID, wrong theme: 404, not to be kept (S1.8)."""
    response = client.get(address(aaguid, theme))
    assert response.status_code == 404
    assert response.content == b""
    assert response["Cache-Control"] == "no-store"
    assert_harmless(response)


def test_other_version(client):
    """During an upgrade an old process may answer for a new address: served, but not to be kept."""
    response = client.get(address(ONE_PASSWORD, version="another"))
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert_harmless(response)


@pytest.mark.parametrize("aaguid", [ONE_PASSWORD, KONAI, ZERO, NOBODY])
def test_no_session_no_user_no_query(alice, count, aaguid):
    """A signed-in user's browser gets what all get, without a query or `Vary: Cookie`.

    Also where the site lets nobody in without a sign-in, though Django 5.2 asks for the user there.
    """
    client = Client()
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    early = django.VERSION < (6,)
    middleware = [name for name in SITE_MIDDLEWARE if not (early and "LoginRequired" in name)]
    with override_settings(MIDDLEWARE=middleware), count(statements=0):
        response = client.get(address(aaguid))
    assert response.status_code == (404 if aaguid == NOBODY else 200)
    assert not response.has_header("Vary")
    assert not response.cookies


def test_visitor_is_not_sent_to_sign_in(client):
    """An icon on the sign-in page shows, also where all other pages need a sign-in."""
    with override_settings(MIDDLEWARE=SITE_MIDDLEWARE):
        assert client.get(address(ONE_PASSWORD)).status_code == 200


@pytest.mark.skipif(django.VERSION < (6,), reason="Django 5.2 has no policy of its own")
def test_policy_of_the_site_does_not_replace_ours(client):
    """Django's middleware puts the site's policy on other pages only."""
    middleware = ["django.middleware.csp.ContentSecurityPolicyMiddleware"]
    site_policy = {"default-src": ["*"], "script-src": ["'unsafe-inline'"]}
    with override_settings(MIDDLEWARE=middleware, SECURE_CSP=site_policy):
        assert_harmless(client.get(address(ONE_PASSWORD)))
        assert "unsafe-inline" in client.get("/no-such-page/")["Content-Security-Policy"]


def test_hostile_svg_is_served_as_an_image_for_download_only(rf, tmp_path: Path, monkeypatch):
    """What a registry might contain one day reaches no document (SECURITY.md P4)."""
    (tmp_path / "evil.svg").write_bytes(b"<svg><script>alert(1)</script></svg>")
    table = {NOBODY: ("Evil", "evil.svg", None)}
    evil = Directory(table=table, icons=tmp_path, metadata=tmp_path / "none")
    monkeypatch.setattr(providers, "_directory", lambda: evil)
    response = icon(rf.get("/"), providers.icon_version(), NOBODY, "light")
    assert b"<script>" in response.content
    assert response["Content-Type"] == "image/svg+xml"
    assert_harmless(response)
