"""Addresses that differ in one place are what Django would have made of them, and are resolved below a sub-path too."""

import pytest
from django.test import override_settings
from django.urls import Resolver404, include, path, reverse, set_script_prefix, set_urlconf
from django.utils import translation

from otp_passkeys.addresses import alike, kept, resolved

urlpatterns = [path("elsewhere/", include("otp_passkeys.urls"))]


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


def test_are_kept_while_they_are_the_same() -> None:
    """They are made anew where URLconf, script prefix or language is another, and only there."""
    made = []

    def make() -> str:
        made.append(reverse("otp_passkeys:list"))
        return made[-1]

    addresses = kept(make)
    try:
        usual = addresses()
        assert addresses() == usual
        assert len(made) == 1
        set_script_prefix("/below/")
        assert addresses() == f"/below{usual}"
        set_script_prefix("/")
        set_urlconf(__name__)
        assert addresses() == "/elsewhere/"
        set_urlconf(None)
        with translation.override("de"):
            addresses()
        assert len(made) == 4
        assert addresses() == usual
        assert len(made) == 4
        with override_settings(ROOT_URLCONF=__name__):
            assert addresses() == "/elsewhere/"
    finally:
        set_script_prefix("/")
        set_urlconf(None)
