"""What the browser is told to signal: everything, fresh, for the signed-in user alone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from otp_passkeys.encoding import to_base64url
from otp_passkeys.models import Passkey, UserHandle, user_details
from otp_passkeys.testing import Authenticator, register, sign_in

from ..helpers.reauthentication import keep
from ..helpers.rows import stored_passkey, vanish
from ..helpers.steps import SignedIn
from ..helpers.sync import fetch, report, synchronise

SYNC = "/passkeys/sync/"


class LaggingReplica:
    """A router whose reads go to a replica that cannot be reached."""

    def db_for_read(self, model: type[Any], **hints: Any) -> str | None:
        return "replica" if model._meta.app_label == "otp_passkeys" else None


class NoPrimary:
    """A router whose writes go to a database that cannot be reached."""

    def db_for_write(self, model: type[Any], **hints: Any) -> str | None:
        return "gone" if model._meta.app_label == "otp_passkeys" else None


def test_members(browser: Client, alice: User, authenticator: Authenticator) -> None:
    """S0.11, Y9: each member has the form that the browser's methods take, unpadded base64url."""
    payload = fetch(browser)
    (held,) = authenticator.credentials
    assert payload.pop("token")
    assert payload.pop("csrfToken")
    assert payload.pop("csrfHeader") == "X-CSRFTOKEN"
    assert payload == {
        "rpId": "testserver",
        "userId": to_base64url(held.user_handle),
        "name": "alice",
        "displayName": "Alice Archer",
        "allAcceptedCredentialIds": [held.id_base64url],
        "former": [],
    }
    assert re.fullmatch("[A-Za-z0-9_-]+", payload["userId"])
    assert bytes(UserHandle.objects.get(user=alice).handle) == held.user_handle


@pytest.mark.parametrize("length", [16, 17, 18, 1023])
def test_ids_are_unpadded(alice: User, signed_in: SignedIn, length: int) -> None:
    """Y9: whatever its length, an ID is the browser's own spelling."""
    client, authenticator = signed_in(alice), Authenticator(credential_id=b"\xff" * length)
    assert register(client, authenticator).status_code == 201
    assert fetch(client)["allAcceptedCredentialIds"] == [authenticator.credentials[0].id_base64url]


def test_all_rows_in_one_query(
    browser: Client, alice: User, authenticator: Authenticator, count: Callable[..., Any]
) -> None:
    """S0.24, Y1: the list is all of the user's rows, disabled ones included, from one query."""
    other = Authenticator()
    register(browser, other)
    keep(browser, otp_device_id=None)  # django-otp's own query for it is not what is counted
    Passkey.objects.filter(user=alice).update(confirmed=False)
    with count() as seen:
        payload = fetch(browser)
    ours = [sql for sql in seen.statements if "otp_passkeys_passkey" in sql]
    assert len(ours) == 1
    assert "otp_passkeys_userhandle" in ours[0]
    held = [each.credentials[0].id_base64url for each in (authenticator, other)]
    assert sorted(payload["allAcceptedCredentialIds"]) == sorted(held)


def test_reads_where_writes_go(browser: Client, alice: User, settings: Any) -> None:
    """S0.24, Y1: a replica that lags is never asked, with passkeys or without."""
    keep(browser, otp_device_id=None)  # django-otp reads that device wherever it likes
    settings.DATABASE_ROUTERS = [f"{__name__}.LaggingReplica"]
    assert len(fetch(browser)["allAcceptedCredentialIds"]) == 1
    Passkey.objects.using("default").filter(user_id=alice.pk).delete()
    assert fetch(browser)["allAcceptedCredentialIds"] == []


def test_error_is_no_list(browser: Client, settings: Any) -> None:
    """S0.24, Y4: where the database fails there is an error, not an empty list."""
    settings.DATABASE_ROUTERS = [f"{__name__}.NoPrimary"]
    browser.raise_request_exception = False
    answer = browser.get(SYNC)
    assert answer.status_code == 500
    assert b"allAcceptedCredentialIds" not in answer.content


def test_for_the_signed_in_user(browser: Client, alice: User, eve: User, bob: User) -> None:
    """Y6, Y3: the answer is for request.user; nothing that eve asks for in the request is heard."""
    eves = Client()
    eves.force_login(eve, "django.contrib.auth.backends.ModelBackend")
    stored_passkey(eve)
    stored_passkey(bob)
    asked = eves.get(SYNC, {"user": alice.pk, "userId": fetch(browser)["userId"], "name": "bob"})
    assert {asked.json()["name"], fetch(browser)["name"]} == {"eve", "alice"}
    assert asked.json()["allAcceptedCredentialIds"] == [
        passkey.id_base64url for passkey in Passkey.objects.filter(user=eve)
    ]


def test_another_user_in_the_same_browser(browser: Client, bob: User) -> None:
    """Y6: a page of alice's that syncs after bob has signed in gets bob's handle with bob's list."""
    stored_passkey(bob)
    before = fetch(browser)
    browser.force_login(bob, "django.contrib.auth.backends.ModelBackend")
    after = fetch(browser)
    assert after["userId"] == to_base64url(bytes(UserHandle.objects.get(user=bob).handle))
    assert not set(after["allAcceptedCredentialIds"]) & set(before["allAcceptedCredentialIds"])


def test_never_had_a_passkey(bob: User, signed_in: SignedIn) -> None:
    """S0.21, S0.24: who never had a passkey gets a token to report with, and no handle is made."""
    client = signed_in(bob)
    payload = fetch(client)
    assert payload.keys() == {"token", "csrfHeader", "csrfToken"}
    assert not UserHandle.objects.exists()
    assert report(client, payload["token"]) == 204


def test_registration_begun_only(bob: User, signed_in: SignedIn) -> None:
    """S0.24: a handle alone is no reason to say that there are no passkeys."""
    client = signed_in(bob)
    client.post(reverse("otp_passkeys:register-options"))
    payload = fetch(client)
    assert payload["userId"] == to_base64url(bytes(UserHandle.objects.get(user=bob).handle))
    assert "allAcceptedCredentialIds" not in payload


def test_rows_gone_without_deletion(browser: Client, alice: User) -> None:
    """S0.24, Y4: rows that vanished some other way (a restored backup) are never signalled as none."""
    vanish(alice)
    assert "allAcceptedCredentialIds" not in fetch(browser)


def test_emptied_long_ago(browser: Client, alice: User) -> None:
    """S0.24: registering a passkey ends the time in which an empty list may be signalled."""
    Passkey.objects.filter(user=alice).delete()
    assert register(browser, Authenticator()).status_code == 201
    vanish(alice)
    assert "allAcceptedCredentialIds" not in fetch(browser)


def test_rows_without_handle(browser: Client, alice: User) -> None:
    """S0.24, S2.3: imported rows without a handle are signalled to nobody, and are no server error."""
    UserHandle.objects.filter(user=alice).delete()
    payload = fetch(browser)
    assert payload.keys() == {"token", "csrfHeader", "csrfToken"}


def test_former_rp_id(browser: Client, alice: User, settings: Any) -> None:
    """Y9, S0.24: each list goes to the RP ID that its passkeys were made for, and has no other's."""
    (old,) = fetch(browser)["allAcceptedCredentialIds"]
    settings.OTP_PASSKEYS_RP_ID = "example.com"
    new = stored_passkey(alice, rp_id="example.com").id_base64url
    payload = fetch(browser)
    (former,) = payload["former"]
    assert (payload["rpId"], payload["allAcceptedCredentialIds"]) == ("example.com", [new])
    assert (former["rpId"], former["allAcceptedCredentialIds"]) == ("testserver", [old])
    details = ("userId", "name", "displayName")
    assert [former[name] for name in details] == [payload[name] for name in details]


def test_only_former_rp_id(browser: Client, settings: Any) -> None:
    """S0.24: having passkeys for a former RP ID only does not make an empty list for this one."""
    settings.OTP_PASSKEYS_RP_ID = "example.com"
    payload = fetch(browser)
    assert "allAcceptedCredentialIds" not in payload
    assert len(payload["former"][0]["allAcceptedCredentialIds"]) == 1


def test_former_passkeys_after_an_emptying(browser: Client, alice: User, settings: Any) -> None:
    """S0.24: while any row stands, no list is empty, whatever an old mark of emptiness says."""
    Passkey.objects.filter(user=alice).delete()
    stored_passkey(alice, rp_id="old.example.com")
    assert "allAcceptedCredentialIds" not in fetch(browser)


def test_same_details_as_registration(browser: Client, alice: User) -> None:
    """S0.22: name and display name are those that a registration would send."""
    options = browser.post(reverse("otp_passkeys:register-options")).json()["user"]
    payload = fetch(browser)
    assert (payload["name"], payload["displayName"]) == (options["name"], options["displayName"])
    assert payload["userId"] == options["id"]
    details = user_details(alice)
    assert (payload["name"], payload["displayName"]) == (details.name, details.display_name)


def test_change_elsewhere(browser: Client, alice: User, authenticator: Authenticator) -> None:
    """S0.1, S0.23, Y11: what changed without a request reaches the browser at the next sign-in."""
    User.objects.filter(pk=alice.pk).update(username="alison", first_name="Alison")
    visitor = Client()
    assert sign_in(visitor, authenticator).status_code == 200
    synchronise(visitor, authenticator)
    (held,) = authenticator.credentials
    assert (held.user_name, held.user_display_name) == ("alison", "Alison Archer")


def test_nickname_is_not_sent(browser: Client, alice: User) -> None:
    """S1.13: the nickname is the user's own; the browser is not told."""
    Passkey.objects.filter(user=alice).update(nickname="Blue key")
    assert b"Blue key" not in browser.get(SYNC).content
