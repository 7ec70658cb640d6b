"""A site that set its RP ID after passkeys were made: those of its host work nowhere, and are nobody's way in."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from otp_passkeys.models import Passkey
from otp_passkeys.safeguards import other_ways_in

from ..helpers.rows import stored_passkey


@pytest.mark.parametrize("hosts", [["example.com", "www.example.com"], [".example.com"], ["*"]])
def test_command_keeps_what_works(alice: User, settings: Any, hosts: list[str]) -> None:
    """P8: support does not delete the only passkey that works because of one that works at no address."""
    settings.ALLOWED_HOSTS, settings.OTP_PASSKEYS_RP_ID = hosts, "example.com"
    alice.set_unusable_password()
    alice.save()
    works = stored_passkey(alice, rp_id="example.com")
    stored_passkey(alice, rp_id="www.example.com")
    assert other_ways_in(alice, works) == []
    with pytest.raises(CommandError, match="only way to sign in"):
        call_command("passkeys", "alice", "--delete", str(works.pk))
    assert Passkey.objects.filter(pk=works.pk).exists()
