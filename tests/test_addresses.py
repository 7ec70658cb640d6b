"""Addresses that differ in one place: each is what Django would have made of it."""

import pytest
from django.urls import reverse, set_script_prefix

from otp_passkeys.addresses import alike


@pytest.mark.parametrize("prefix", ["/", "/77/"])
def test_are_what_django_makes(prefix: str) -> None:
    """S1.17: also where the address before the place reads like what stands for it."""
    set_script_prefix(prefix)
    address = alike("otp_passkeys:rename", 77, place=77)
    assert [address(pk) for pk in (1, 77, 12345)] == [
        reverse("otp_passkeys:rename", args=[pk]) for pk in (1, 77, 12345)
    ]
    set_script_prefix("/")
