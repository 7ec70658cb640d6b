"""Addresses that differ in one place are what Django would have made of them, and are resolved below a sub-path too."""

from __future__ import annotations

import pytest
from django.urls import Resolver404, reverse, set_script_prefix

from otp_passkeys.addresses import alike, resolved


@pytest.mark.parametrize("prefix", ["/", "/77/"])
def test_are_what_django_makes(prefix: str) -> None:
    """S1.17: also where the address before the place reads like what stands for it."""
    set_script_prefix(prefix)
    address = alike("otp_passkeys:rename", 77, place=77)
    assert [address(pk) for pk in (1, 77, 12345)] == [
        reverse("otp_passkeys:rename", args=[pk]) for pk in (1, 77, 12345)
    ]
    set_script_prefix("/")


def test_below_a_sub_path() -> None:
    """S1.17: an address is resolved as browsers show it, and one outside of the sub-path is not the site's."""
    set_script_prefix("/77/")
    try:
        assert resolved(reverse("otp_passkeys:list")).view_name == "otp_passkeys:list"
        with pytest.raises(Resolver404):
            resolved("/78/account/passkeys/")
    finally:
        set_script_prefix("/")
