"""What is particular to one package."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, sign_in

from .conftest import SOURCE
from .packages import Package
from .settings import MORE_BACKENDS
from .steps import run_import, use

pytestmark = pytest.mark.django_db


def only(*sources: str) -> pytest.MarkDecorator:
    """Mark a test as being about some packages."""
    return pytest.mark.source(*sources)


@only("django-otp-webauthn", "allauth")
def test_never_verified(alice: User, old: Package, authenticator: Authenticator) -> None:
    """A key that did not verify its user at the registration is a second step, until it does (S5.6)."""
    old.register(alice, authenticator, user_verified=False)
    run_import()
    assert Passkey.objects.get().second_step_only
    use(alice, authenticator, alone=False, user_verified=True)
    assert not Passkey.objects.get().second_step_only


@only("django-otp-webauthn", "django-mfa")
def test_beside_itself(alice: User, old: Package, authenticator: Authenticator) -> None:
    """A key that signed in on the other package's page is no other factor here, and stays a second step (S5.6)."""
    results = {"credProps": {"rk": False}}
    old.register(alice, authenticator, user_verified=False, client_extension_results=results)
    run_import()
    (backend,) = MORE_BACKENDS[SOURCE]
    client = Client()
    client.force_login(alice, backend)
    assert sign_in(client, authenticator).json()["code"] == "second_step_only"
    assert Passkey.objects.get().second_step_only


@only("allauth")
def test_beside_itself_with_one_backend(
    alice: User, old: Package, authenticator: Authenticator
) -> None:
    """Nor is it where the session says in another way that the key opened it; beside the password it is one (S5.6)."""
    old.register(alice, authenticator, user_verified=False, discoverable=True)
    run_import()
    client, page = Client(), reverse("mfa_login_webauthn")
    asked = client.get(page, headers={"X-Requested-With": "XMLHttpRequest"}, secure=True)
    options = asked.json()["request_options"]["publicKey"]
    credential = json.dumps(authenticator.get(options))
    assert client.post(page, {"credential": credential}, secure=True).status_code == 302
    assert client.session["_auth_user_id"] == str(alice.pk)
    assert sign_in(client, authenticator).json()["code"] == "second_step_only"
    assert Passkey.objects.get().second_step_only
    use(alice, authenticator, alone=False)


@only("django-mfa")
@pytest.mark.parametrize("discoverable", [False, None])
def test_not_resident(
    discoverable: bool | None, alice: User, old: Package, authenticator: Authenticator
) -> None:
    """One that is not certainly resident was a second step (S5.6)."""
    results = {} if discoverable is None else {"credProps": {"rk": False}}
    old.register(alice, authenticator, client_extension_results=results)
    run_import()
    passkey = Passkey.objects.get()
    assert (passkey.second_step_only, passkey.discoverable) == (True, discoverable)


@only("django-mfa")
def test_no_handle(alice: User, old: Package, authenticator: Authenticator) -> None:
    """A row whose handle was deleted cannot sign in, and is left (S5.2)."""
    from django_mfa.handles import MfaUserHandle

    old.register(alice, authenticator)
    MfaUserHandle.objects.all().delete()
    ran = run_import()
    assert ran.status == 1
    assert ran.lines[0].endswith("left: the user handle is not known.")


@only("django-otp-webauthn")
def test_before_random_handles(alice: User, old: Package, authenticator: Authenticator) -> None:
    """A passkey of a release before 0.5 has the handle that was made from the primary key (S5.1, S5.4)."""
    from django_otp_webauthn.models import WebAuthnUserHandle

    old.register(alice, authenticator)
    authenticator.credentials[0].user_handle = hashlib.sha256(bytes(alice.pk)).digest()
    WebAuthnUserHandle.objects.all().delete()
    run_import()
    passkey = Passkey.objects.select_related("user__passkey_handle").get()
    assert passkey.known_handle == authenticator.credentials[0].user_handle
    assert bytes(passkey.account_handle.handle) != passkey.known_handle  # it can be guessed
    use(alice, authenticator, alone=True)


@only("django-otp-webauthn")
@pytest.mark.parametrize("is_old", [False, True])
@pytest.mark.parametrize("is_dated", [False, True])
def test_perhaps_before_random_handles(
    is_dated: bool, is_old: bool, alice: User, old: Package, authenticator: Authenticator
) -> None:
    """Where it may be of either release, the first use says which (S5.4)."""
    old.register(alice, authenticator)
    if is_old:
        authenticator.credentials[0].user_handle = hashlib.sha256(bytes(alice.pk)).digest()
    applied = MigrationRecorder.Migration.objects.filter(app="django_otp_webauthn")
    if is_dated:
        applied.filter(name="0001_initial").update(applied=timezone.now() - timedelta(days=400))
    else:  # from before the package noted it
        type(old.rows()[0]).objects.update(created_at=None)
    run_import()
    assert len(Passkey.objects.get().handle_candidates) == 2
    use(alice, authenticator, alone=True)
    passkey = Passkey.objects.get()
    assert bytes(passkey.handle) == authenticator.credentials[0].user_handle
    assert passkey.handle_candidates is None


@only("django-otp-webauthn")
def test_unknown_handle(alice: User, old: Package, authenticator: Authenticator) -> None:
    """Of keys that are no number, or too large a one, the old release had no handle."""
    from otp_passkeys.importing.django_otp_webauthn import _of_old_release

    assert [_of_old_release(key) for key in ("a", -1, 10**12)] == [(), (), ()]
    from django_otp_webauthn.models import WebAuthnUserHandle

    old.register(alice, authenticator)
    WebAuthnUserHandle.objects.all().delete()
    User.objects.filter(pk=alice.pk).update(username="old")
    from otp_passkeys.importing import django_otp_webauthn as module

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_LARGEST_KEY", 0)
        ran = run_import()
    assert ran.lines[0].endswith("left: the user handle is not known.")


@only("django-otp-webauthn")
def test_no_attestation(alice: User, old: Package, authenticator: Authenticator) -> None:
    """Without the attestation the RP ID is that of the settings, and nothing says that the user was verified (S5.6)."""
    from django_otp_webauthn.models import WebAuthnAttestation

    old.register(alice, authenticator)
    WebAuthnAttestation.objects.all().delete()
    with override_settings(OTP_WEBAUTHN_RP_ID_CALLABLE="tests.imports.steps.run"):
        ran = run_import()
        assert ran.lines[0].endswith("left: the RP ID is not known: name it with --rp-id.")
    assert run_import().status == 0
    passkey = Passkey.objects.get()
    assert (passkey.rp_id, passkey.second_step_only) == ("testserver", True)


@only("django-passkeys", "django-mfa2", "two-factor-auth", "django-mfa")
@pytest.mark.parametrize("value", [None, lambda request: "testserver"])
def test_rp_id(value: object, alice: User, old: Package, authenticator: Authenticator) -> None:
    """Where neither rows nor settings say which RP ID, it must be named."""
    old.register(alice, authenticator)
    if callable(value) and not old.has_callable_rp_id:
        pytest.skip("its setting is no callable")
    unset = dict.fromkeys(("FIDO_SERVER_ID", "TWO_FACTOR_WEBAUTHN_RP_ID", "MFA_FIDO2_RP_ID"), value)
    with override_settings(**unset):
        with pytest.raises(CommandError, match="name it with --rp-id"):
            run_import()
        assert run_import("--rp-id=testserver").status == 0
    elsewhere = dict.fromkeys(unset, "elsewhere.example")
    wrong = pytest.raises(CommandError, match="work at no address of this site")
    with override_settings(**elsewhere), wrong:
        run_import()


@only("django-mfa2")
def test_expired(alice: User, old: Package, authenticator: Authenticator) -> None:
    """A key whose time is over is switched off (S5.3)."""
    old.register(alice, authenticator)
    (row,) = old.rows()
    type(row).objects.update(expires=timezone.now() - timedelta(days=1))
    run_import()
    assert not Passkey.objects.get().confirmed


@only("allauth")
def test_adapter(alice: User, old: Package, authenticator: Authenticator) -> None:
    """The site's own adapter is asked for the handle (S5.1)."""
    with override_settings(MFA_ADAPTER="tests.imports.overrides.Adapter"):
        old.register(alice, authenticator)
        assert authenticator.credentials[0].user_handle == b"user 1 of ours".replace(
            b"1", str(alice.pk).encode()
        )
        run_import()
        use(alice, authenticator, alone=True)
    with override_settings(MFA_ADAPTER="tests.imports.overrides.WrongAdapter"):
        Passkey.objects.all().delete()
        ran = run_import("--restore", "--user=alice")
    assert ran.lines[0].endswith("left: the user handle is not known: the adapter gave no bytes.")


@only("two-factor-auth")
def test_mixin(alice: User, old: Package, authenticator: Authenticator) -> None:
    """The site's own mixin is asked for the handle (S5.1)."""
    old.register(alice, authenticator)
    authenticator.credentials[0].user_handle = f"user {alice.pk} of ours".encode()
    path = "TWO_FACTOR_WEBAUTHN_ENTITIES_FORM_MIXIN"
    with override_settings(**{path: "tests.imports.overrides.WrongMixin"}):
        ran = run_import()
    assert ran.lines[0].endswith("left: the user handle is not known: the mixin gave no bytes.")
    with override_settings(**{path: "tests.imports.overrides.Mixin"}):
        run_import()
    use(alice, authenticator, alone=False)


@only("two-factor-auth")
def test_named(alice: User, old: Package, authenticator: Authenticator) -> None:
    """A name that a site gave is kept; the one that all rows have is none (S5.3)."""
    old.register(alice, authenticator)
    (row,) = old.rows()
    type(row).objects.update(name="Blue key")
    run_import()
    assert Passkey.objects.get().nickname == "Blue key"
