"""Deletions at once: nobody is left without a way in, and no proof outlives its passkey (P15)."""

from functools import partial

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, sign_in

from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn, answer, ask, enrol, lose_password, outcome, verify
from .racing import AT_ONCE, GIVES_WAY, ROUNDS, Race

pytestmark = [pytest.mark.server_database, pytest.mark.django_db(transaction=True)]


def delete_all_at_once(race: Race, alice: User, signed_in: SignedIn, many: int) -> None:
    """Delete all passkeys of a user who has no other way in, in each round."""
    lose_password(alice)
    browsers = [signed_in(alice) for _ in range(many)]
    for _ in range(ROUNDS):
        for _ in range(many - alice.passkeys.count()):
            stored_passkey(alice)
        passkeys = list(alice.passkeys.all())
        for browser, passkey in zip(browsers, passkeys, strict=True):
            # By its own, or the one that comes late has lost its second factor with another's.
            verify(browser, passkey)
        heard = race.deletions(browsers, passkeys)
        assert set(heard) <= {"204", "last_way_in"} | GIVES_WAY
        assert alice.passkeys.count() == many - heard["204"] >= 1
        if not heard["try_again"]:
            assert heard["last_way_in"] == alice.passkeys.count() == 1


@pytest.mark.parametrize("many", [2, AT_ONCE])
def test_last_passkey(alice: User, signed_in: SignedIn, race: Race, many: int) -> None:
    """P8: requests that delete all of a user's passkeys at once leave one, or nobody gets in."""
    delete_all_at_once(race, alice, signed_in, many)


def test_same_deletion(alice: User, signed_in: SignedIn, race: Race) -> None:
    """S1.14: of two requests that delete one passkey at once, the second gets a friendly 404."""
    kept = stored_passkey(alice)
    browsers = [signed_in(alice) for _ in range(2)]  # verified by the passkey that is kept
    for _ in range(ROUNDS):
        heard = race.deletions(browsers, [stored_passkey(alice)] * 2)
        assert heard == {"204": 1, "passkey_not_found": 1}
        assert Passkey.objects.get() == kept


def test_deleted_while_it_is_finished(alice: User, signed_in: SignedIn, race: Race) -> None:
    """P15: whichever comes first, nothing fails; once the deletion was answered nothing is finished any more."""
    owner, thief = signed_in(alice), Client()
    stolen = Authenticator()
    for _ in range(ROUNDS):
        passkey = enrol(owner, stolen)
        thief.cookies.clear()
        assert sign_in(thief, stolen).status_code == 200
        at_once, later = (Authenticator().create(ask(thief, "register-options")) for _ in range(2))
        address = reverse("otp_passkeys:delete", args=[passkey.pk])
        calls = [
            partial(owner.post, address, {}, content_type="application/json", secure=True),
            partial(answer, thief, "register", at_once),
        ]
        deleted, finished = map(outcome, race.at_once(calls))
        assert deleted in {"204"} | GIVES_WAY
        assert finished in {"201", "reauthentication_required"} | GIVES_WAY
        assert Passkey.objects.exclude(pk=passkey.pk).count() == (finished == "201")
        Passkey.objects.all().delete()  # or what was planted would demand a second factor
        assert outcome(answer(thief, "register", later)) == "reauthentication_required"
        assert not Passkey.objects.exists()
        race.heard.update([deleted, finished])
        stolen.credentials.clear()
