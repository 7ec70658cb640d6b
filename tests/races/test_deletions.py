"""Deletions at once: nobody is left without a way in."""

import pytest
from django.contrib.auth.models import User

from otp_passkeys.models import Passkey

from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn, verify
from .racing import AT_ONCE, GIVES_WAY, ROUNDS, Race

pytestmark = [pytest.mark.server_database, pytest.mark.django_db(transaction=True)]


def delete_all_at_once(race: Race, alice: User, signed_in: SignedIn, many: int) -> None:
    """Delete all passkeys of a user who has no other way in, in each round."""
    alice.set_unusable_password()
    alice.save()
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
