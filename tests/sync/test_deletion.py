"""The most dangerous list: what is signalled after deletions, and what is left in the authenticator."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from otp_passkeys import actions
from otp_passkeys.models import Passkey, UserHandle
from otp_passkeys.testing import Authenticator, register

from ..helpers.sync import fetch, synchronise


def by_queryset(user: User) -> None:
    Passkey.objects.filter(user=user).delete()


def by_instances(user: User) -> None:
    for passkey in Passkey.objects.filter(user=user):
        passkey.delete()


def by_action(user: User) -> None:
    for passkey in Passkey.objects.filter(user=user):
        actions.delete(user=user, pk=passkey.pk)


def by_user_relation(user: User) -> None:
    user.passkeys.all().delete()


@pytest.mark.parametrize("empty", [by_queryset, by_instances, by_action, by_user_relation])
def test_last_passkey(
    browser: Client, alice: User, authenticator: Authenticator, empty: Callable[[User], None]
) -> None:
    """S0.24, Y4: after the last passkey was deleted, by whatever way, the browser is told so."""
    register(browser, Authenticator())
    empty(alice)
    payload = synchronise(browser, authenticator)
    assert payload["allAcceptedCredentialIds"] == []
    assert authenticator.credentials == []


def test_last_passkey_through_proxy(
    browser: Client, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S0.24: a site may extend the model by a proxy, and delete through it."""
    (tmp_path / "site_of_proxy").mkdir()
    (tmp_path / "site_of_proxy" / "__init__.py").touch()
    (tmp_path / "site_of_proxy" / "models.py").write_text(
        "from otp_passkeys.models import Passkey\n"
        "class OurPasskey(Passkey):\n"
        "    class Meta:\n"
        "        proxy = True\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "site_of_proxy"]
    apps.get_app_config("site_of_proxy").get_model("OurPasskey")._default_manager.all().delete()
    assert fetch(browser)["allAcceptedCredentialIds"] == []


def test_one_of_two(browser: Client, alice: User, authenticator: Authenticator) -> None:
    """S0.8, S1.6: after a deletion the authenticator that holds the others keeps them."""
    other = Authenticator()
    register(browser, other)
    (gone,) = (each.id for each in authenticator.credentials)
    pk = next(each.pk for each in Passkey.objects.all() if bytes(each.credential_id) == gone)
    assert browser.post(reverse("otp_passkeys:delete", args=[pk])).status_code == 302
    synchronise(browser, authenticator)
    synchronise(browser, other)
    assert authenticator.credentials == []
    assert len(other.credentials) == 1
    assert UserHandle.objects.get(user=alice).emptied_at is None


def test_fresh_after_each_change(browser: Client, authenticator: Authenticator) -> None:
    """S0.19, S0.24, Y2: the list is that of the moment of asking, before, between and after."""
    [first] = fetch(browser)["allAcceptedCredentialIds"]
    other = Authenticator()
    register(browser, other)
    second = other.credentials[0].id_base64url
    assert sorted(fetch(browser)["allAcceptedCredentialIds"]) == sorted([first, second])
    Passkey.objects.order_by("pk")[0].delete()
    assert fetch(browser)["allAcceptedCredentialIds"] == [second]


def test_others_are_not_emptied(browser: Client, bob: User, eve: User) -> None:
    """S0.24: emptying one account marks that account and no other."""
    for user in (bob, eve):
        UserHandle.of(user)
    Passkey.objects.all().delete()
    emptied = UserHandle.objects.exclude(emptied_at=None).values_list("user__username", flat=True)
    assert list(emptied) == ["alice"]


def test_handle_outlives_the_passkeys(
    browser: Client, alice: User, authenticator: Authenticator
) -> None:
    """Y7: the handle is one for ever, so that passkeys made before and after belong together."""
    before = fetch(browser)["userId"]
    Passkey.objects.all().delete()
    alice.username = "alison"
    alice.save()
    synchronise(browser, authenticator)
    assert register(browser, authenticator).status_code == 201
    assert fetch(browser)["userId"] == before
    assert UserHandle.objects.get().emptied_at is None


def test_deleted_user(browser: Client, alice: User) -> None:
    """S0.21: deleting a user takes passkeys and handle along, and leaves a browser without an answer."""
    alice.delete()
    assert not Passkey.objects.exists()
    assert not UserHandle.objects.exists()
    assert browser.get(reverse("otp_passkeys:sync")).status_code == 204
