"""What each request costs the database: the budgets of the design, statements and commits.

Where a passkey verified the session, django-otp's middleware loads that device as soon as somebody
looks at the user. It is its statement, not ours: one more is allowed there, and nowhere else.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from copy import copy
from itertools import cycle
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client
from django.urls import path, reverse
from django.utils import timezone

from otp_passkeys.encoding import short_key
from otp_passkeys.models import Passkey, SpentChallenge, UserHandle
from otp_passkeys.testing import Authenticator

from .. import urls
from ..conftest import PASSWORD
from ..helpers.faults import delete
from ..helpers.reauthentication import give
from ..helpers.steps import SignedIn, answer, ask, enrol, outcome, post

Count = Callable[..., Any]

pytestmark = [pytest.mark.database_sessions, pytest.mark.django_db(transaction=True)]

KNOWN = {
    "1Password": "bada5566-a7aa-401f-bd96-45619a55120d",
    "Google Password Manager": "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4",
    "Bitwarden": "d548826e-79b4-db40-a3d8-11116f7e8349",
}


def page(request: HttpRequest, tag: bool) -> HttpResponse:
    """Render a page that greets the user, with the sync tag or without."""
    source = "{% load otp_passkeys %}Hello {{ user }}!"
    if tag:
        source += "{% render_otp_webauthn_sync_signals_scripts %}"
    return HttpResponse(engines["django"].from_string(source).render(request=request))


urlpatterns = [
    *urls.urlpatterns,
    path("greeting/", page, {"tag": False}),
    path("greeting/tagged/", page, {"tag": True}),
]


@pytest.fixture
def first(alice: User, signed_in: SignedIn, authenticator: Authenticator) -> Passkey:
    """Give alice a passkey."""
    return enrol(signed_in(alice), authenticator)


@pytest.fixture(params=["password", "passkey"])
def opened_by(request: pytest.FixtureRequest) -> str:
    """Run the test in a session that a password opened, and in one that a passkey did."""
    return str(request.param)


@pytest.fixture
def browser(
    alice: User, signed_in: SignedIn, authenticator: Authenticator, first: Passkey, opened_by: str
) -> Client:
    """Sign alice in, and see that the session is what it should be."""
    if opened_by == "password":
        return signed_in(alice)  # and verified by the passkey
    client = Client()
    finish = authenticator.get(ask(client, "authenticate-options"))
    assert outcome(answer(client, "authenticate", finish)) == "200"
    assert "otp_device_id" in client.session
    return client


def copies(passkey: Passkey, owners: list[User]) -> None:
    """Store a passkey like this one for each owner, with an ID and a provider of its own."""
    aaguids = cycle([*KNOWN.values(), None])
    rows = []
    for owner in owners:
        row = copy(passkey)
        row.pk, row.user_id, row.aaguid = None, owner.pk, next(aaguids)
        row.credential_id = os.urandom(len(bytes(passkey.credential_id)))
        row.credential_key = short_key(row.credential_id)
        rows.append(row)
    Passkey.objects.bulk_create(rows)


def test_visitor_asks(client: Client, count: Count) -> None:
    """T20: asking to sign in costs nothing: no statement, no row, no session."""
    with count(statements=0, commits=0):
        ask(client, "authenticate-options")
    assert not SpentChallenge.objects.exists()
    assert not Session.objects.exists()


@pytest.mark.parametrize("others", [0, 50])
def test_sign_in(
    alice: User,
    bob: User,
    client: Client,
    authenticator: Authenticator,
    first: Passkey,
    count: Count,
    others: int,
) -> None:
    """Finishing a sign-in costs the same however many passkeys the user and the table have."""
    copies(first, [alice] * others + [bob] * others)
    assertion = authenticator.get(ask(client, "authenticate-options"))
    with count(statements=7, commits=2) as seen:
        assert outcome(answer(client, "authenticate", assertion)) == "200"
    assert len(seen.statements) == 7
    assert "otp_device_id" in client.session


def test_sign_in_that_purges(
    client: Client, authenticator: Authenticator, first: Passkey, count: Count, purge_always: None
) -> None:
    """One in 64 looks for rows to remove, and removes them after the commit: two more, and one."""
    SpentChallenge.objects.update(expires_at=timezone.now())
    assertion = authenticator.get(ask(client, "authenticate-options"))
    with count(statements=7 + 2, commits=2 + 1):
        assert outcome(answer(client, "authenticate", assertion)) == "200"
    assert SpentChallenge.objects.count() == 1


@pytest.mark.parametrize("others", [0, 50])
def test_user_asks_to_register(
    alice: User, browser: Client, first: Passkey, count: Count, others: int
) -> None:
    """S3.1: all of the user's passkeys are excluded, for one statement; one more for the device."""
    copies(first, [alice] * others)
    with count(statements=3 + 1, commits=0):
        options = ask(browser, "register-options")
    assert len(options["excludeCredentials"]) == 1 + others


def test_user_asks_to_register_for_the_first_time(
    alice: User, signed_in: SignedIn, count: Count
) -> None:
    """The user's handle is made: one insert more.

    The site of the tests has two other kinds of device, of which one might be the second factor.
    """
    client = signed_in(alice)
    with count(statements=5 + 2, commits=1):
        ask(client, "register-options")
    assert UserHandle.objects.count() == 1


@pytest.mark.parametrize("mail", [0, 1])
def test_registration(browser: Client, count: Count, settings: Any, mail: int) -> None:
    """Finishing stores passkey, spent challenge and sync flag in two commits; one is the device's.

    Where a mail goes out it is counted: one more statement, and one more commit (P16).
    """
    settings.OTP_PASSKEYS_NOTIFY = bool(mail)
    made = Authenticator().create(ask(browser, "register-options"))
    with count(statements=6 + 1 + mail, commits=2 + mail):
        assert outcome(answer(browser, "register", made)) == "201"


def test_first_registration(alice: User, signed_in: SignedIn, count: Count, settings: Any) -> None:
    """The first passkey of an account comes with no row that the handle is joined to: one query more.

    The site of the tests has two other kinds of device, of which one might be the second factor.
    """
    settings.OTP_PASSKEYS_NOTIFY = False
    client = signed_in(alice)
    made = Authenticator().create(ask(client, "register-options"))
    with count(statements=7 + 2, commits=2):
        assert outcome(answer(client, "register", made)) == "201"


def test_upgrade(alice: User, signed_in: SignedIn, count: Count, settings: Any) -> None:
    """What the browser adds by itself reads the session once more, within the budget of a first registration.

    The site of the tests has two other kinds of device, of which one might be the second factor.
    """
    settings.OTP_PASSKEYS_NOTIFY = False
    client = signed_in(alice)
    options = post(client, "register-options", {"upgrade": True}).json()
    made = Authenticator().create(options, user_present=False, user_verified=False)
    with count(statements=7 + 2, commits=2):
        assert outcome(answer(client, "register", made)) == "201"


def test_deletion(
    alice: User, browser: Client, first: Passkey, count: Count, settings: Any
) -> None:
    """A mail about a deletion costs two statements and a commit, to read and write when mails went out (P16)."""
    copies(first, [alice] * 2)
    seen = []
    for notify, passkey in zip([False, True], alice.passkeys.exclude(pk=first.pk), strict=True):
        settings.OTP_PASSKEYS_NOTIFY = notify
        with count() as counted:
            assert delete(browser, passkey) == "204"
        seen.append((len(counted.statements), counted.commits))
    (statements, commits), told = seen
    assert told == (statements + 2, commits + 1)


def test_password_confirms(alice: User, signed_in: SignedIn, count: Count) -> None:
    """A password is judged, and the session gets a new key; to count the guess is one insert (T31)."""
    mistyped, right = signed_in(alice), signed_in(alice)
    with count(statements=9 + 1, commits=0 + 1):
        assert give(mistyped, password="wrong").status_code == 422
    with count(statements=12 + 1, commits=4 + 1):
        assert give(right, password=PASSWORD).status_code == 302


def test_guess_too_many(alice: User, signed_in: SignedIn, count: Count) -> None:
    """T31: it costs an insert that fails and a query, instead of the judgement."""
    browser = signed_in(alice)
    while give(browser, password="wrong").status_code == 422:
        pass
    with count(statements=9 - 1 + 2, commits=0):
        assert give(browser, password=PASSWORD).status_code == 429


@pytest.mark.parametrize("others", [0, 49])
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_list(
    alice: User,
    browser: Client,
    first: Passkey,
    count: Count,
    accept: str,
    others: int,
) -> None:
    """S1.2: one or fifty passkeys, names and icons included; the device fits into the budget."""
    copies(first, [alice] * others)
    with count(statements=4, commits=0):
        response = browser.get(reverse("otp_passkeys:list"), headers={"Accept": accept})
    assert response.status_code == 200
    assert response["Content-Type"].startswith(accept)
    content = response.content.decode()
    assert content.count("/delete/") == 1 + others
    assert content.count("/icons/") == 2 * (1 + others)
    if others:
        assert all(name in content for name in KNOWN)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_icon(browser: Client, first: Passkey, count: Count, theme: str) -> None:
    """An icon costs no statement, whoever asks."""
    url = first.provider.icon_url(theme)
    with count(statements=0, commits=0):
        assert browser.get(url).status_code == 200


@pytest.mark.parametrize("others", [0, 50])
def test_sync(alice: User, browser: Client, first: Passkey, count: Count, others: int) -> None:
    """S0.24: the whole list in one statement; the device fits into the budget."""
    copies(first, [alice] * others)
    with count(statements=4, commits=0):
        payload = browser.get(reverse("otp_passkeys:sync")).json()
    assert len(payload["allAcceptedCredentialIds"]) == 1 + others


def test_report(browser: Client, count: Count) -> None:
    """S0.10: the session is read, read once more and saved; the first report also remembers the account."""
    for statements in (5, 3):
        token = browser.get(reverse("otp_passkeys:sync")).json()["token"]
        with count(statements=statements, commits=1):
            assert post(browser, "sync", {"token": token}).status_code == 204


def test_tag_for_a_visitor(client: Client, count: Count) -> None:
    """S0.4: neither session nor user is touched, so that the page may be cached for all."""
    with count(statements=0, commits=0):
        tagged = client.get(reverse("tagged"))
    assert not tagged.wsgi_request.session.accessed
    assert not tagged.has_header("Vary")
    assert not tagged.cookies
    assert "otp_passkeys" not in tagged.content.decode()


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("due", [False, True])
def test_tag_for_a_user(browser: Client, count: Count, due: bool) -> None:
    """S0.3: nothing is due, no byte and no statement more; nor is there a statement where it is."""
    if not due:
        token = browser.get(reverse("otp_passkeys:sync")).json()["token"]
        assert post(browser, "sync", {"token": token}).status_code == 204
    with count(commits=0) as without:
        plain = browser.get("/greeting/")
    with count(statements=len(without.statements), commits=0):
        tagged = browser.get("/greeting/tagged/")
    assert plain.content.startswith(b"Hello alice!")
    assert (tagged.content == plain.content) != due


@pytest.mark.postgresql
def test_size(first: Passkey) -> None:
    """One passkey takes at most 450 bytes on PostgreSQL with all its indexes."""
    first.nickname = "The laptop in the office"
    owners = User.objects.bulk_create(
        User(username=str(uuid4()), password="!") for _ in range(2500)
    )
    with connection.cursor() as cursor:
        # The rows of the tests before it were deleted, and their space is kept.
        cursor.execute(f"VACUUM FULL {Passkey._meta.db_table}")
        copies(first, owners * 2)
        cursor.execute("SELECT pg_total_relation_size(%s)", [Passkey._meta.db_table])
        (size,) = cursor.fetchone()
    assert size / Passkey.objects.count() <= 450
