"""Backup eligibility that a package did not store: learnt at the first use, and nothing is said of it before."""

import re
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from otp_passkeys.advice import for_passkeys
from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, sign_in

from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn, outcome
from .helpers import imported

PANEL = reverse("otp_passkeys:list")
SYNCED, ONE_DEVICE = "Synced", "On one device or security key"


def facts(page: str) -> list[str]:
    """Return what the panel says of a passkey in its row."""
    return [one.strip() for one in re.findall(r"<li>([^<]*)</li>", page)]


def shown(client: Client) -> dict[str, Any]:
    """Return the only passkey of the list as JSON."""
    (row,) = client.get(PANEL, headers={"Accept": "application/json"}).json()["passkeys"]
    return dict(row)


def reported() -> str:
    """Return what support reads of alice's passkeys."""
    written = StringIO()
    call_command("passkeys", "alice", stdout=written)
    return written.getvalue()


@pytest.mark.parametrize("eligible", [True, False])
def test_is_learnt(alice: User, signed_in: SignedIn, eligible: bool) -> None:
    """S5.5: the first verified answer says it, and from then on it never changes."""
    authenticator = Authenticator(backup_eligible=eligible)
    passkey = imported(alice, signed_in, authenticator, handle=None)
    client = Client()
    assert sign_in(client, authenticator).status_code == 200
    passkey.refresh_from_db()
    assert (passkey.backup_eligible, passkey.synced) == (eligible, eligible)
    assert shown(client)["backup_eligible"] is eligible
    changed = sign_in(Client(), authenticator, backup_eligible=not eligible, backup_state=False)
    assert outcome(changed) == "verification_failed"


def test_refused_answer_teaches_nothing(alice: User, signed_in: SignedIn) -> None:
    """S5.5: what is not verified says nothing about it."""
    authenticator = Authenticator()
    passkey = imported(alice, signed_in, authenticator, handle=None)
    assert outcome(sign_in(Client(), authenticator, rp_id="evil.test")) == "verification_failed"
    passkey.refresh_from_db()
    assert passkey.backup_eligible is None


def test_nothing_is_said_before(alice: User, signed_in: SignedIn) -> None:
    """S5.5: panel, JSON, advice and command do not speak of syncing."""
    passkey = imported(alice, signed_in, Authenticator(), handle=None)
    client = signed_in(alice)
    page = client.get(PANEL).content.decode()
    assert not {SYNCED, ONE_DEVICE} & set(facts(page))
    row = shown(client)
    assert row["synced"] is None
    assert row["backup_eligible"] is None
    assert for_passkeys([passkey], timezone.now()) is None
    assert "synced" not in reported()
    assert "one device" not in reported()


@pytest.mark.parametrize("eligible", [True, False])
def test_it_is_said_afterwards(alice: User, signed_in: SignedIn, eligible: bool) -> None:
    """S5.5: what is known is said, in the same places."""
    stored_passkey(alice, backup_eligible=eligible, backup_state=eligible)
    page = signed_in(alice).get(PANEL).content.decode()
    assert {SYNCED, ONE_DEVICE} & set(facts(page)) == {SYNCED if eligible else ONE_DEVICE}
    assert ("synced" if eligible else "one device") in reported()


def test_admin(alice: User, admin_client: Client) -> None:
    """S5.5: no filter of the admin takes what is not known for a passkey without a backup."""
    unknown = stored_passkey(alice, backup_eligible=None, discoverable=True)
    bound = stored_passkey(alice)
    synced = stored_passkey(alice, backup_eligible=True, backup_state=True)

    def found(**query: str) -> set[Passkey]:
        response = admin_client.get(reverse("admin:otp_passkeys_passkey_changelist"), query)
        return set(response.context["cl"].result_list)

    assert found() == {unknown, bound, synced}
    assert found(saved="one-device") == {bound}
    assert found(saved="synced") == {synced}
    assert found(saved="unknown") == {unknown}
    page = admin_client.get(reverse("admin:otp_passkeys_passkey_change", args=[unknown.pk]))
    assert page.content.decode().count("icon-unknown") == 2


@pytest.mark.parametrize(
    ("eligible", "stored", "sent", "expected"),
    [
        (False, 5, 5, "verification_failed"),
        (False, 5, 6, "200"),
        (False, 0, 0, "200"),
        (True, 5, 3, "200"),
    ],
)
def test_counter(
    alice: User, signed_in: SignedIn, eligible: bool, stored: int, sent: int, expected: str
) -> None:
    """S5.5: where it is not known, the answer's own flag says which rule its counter is judged by."""
    authenticator = Authenticator(backup_eligible=eligible)
    passkey = imported(alice, signed_in, authenticator, handle=None, sign_count=stored)
    assert outcome(sign_in(Client(), authenticator, counter=sent)) == expected
    passkey.refresh_from_db()
    assert passkey.backup_eligible is (eligible if expected == "200" else None)
    assert (passkey.sign_count_fell_at is not None) == (sent < stored)
