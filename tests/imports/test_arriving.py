"""A passkey that another package registered works here, whatever its rows keep (S5.1, S5.3, S5.4, S5.6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db.models.signals import post_save
from django.test import Client
from django.utils import timezone

from otp_passkeys.models import Passkey
from otp_passkeys.signals import passkey_registered
from otp_passkeys.sync import FLAG
from otp_passkeys.testing import Authenticator

from .packages import Package
from .steps import run_import, use

pytestmark = pytest.mark.django_db


def test_signs_in(alice: User, old: Package, authenticator: Authenticator) -> None:
    """The same authenticator signs in here, verified, or is the second step that it was (S5.1)."""
    old.register(alice, authenticator)
    ran = run_import()
    assert (ran.status, ran.lines) == (0, ["Took 1 passkey of 1 account."])
    use(alice, authenticator, alone=old.signs_in_alone)
    # And again: what was learnt at the first use holds.
    use(alice, authenticator, alone=True)


def test_not_before(
    alice: User, old: Package, authenticator: Authenticator, client: Client
) -> None:
    """Without an import it does not: the test above would notice an import that does nothing (S5.1)."""
    old.register(alice, authenticator)
    with pytest.raises(AssertionError, match="credential_not_found"):
        use(alice, authenticator, alone=True)


def test_kept(alice: User, old: Package, authenticator: Authenticator) -> None:
    """What the package keeps comes in; what it does not keep is unknown, not wrong (S5.3, S5.5)."""
    aaguid = "fa2b99dc-9e39-4257-8f92-4a30d23c4118"
    old.register(alice, authenticator, aaguid=aaguid, counter=7, transports=["usb", "nfc"])
    (row,) = old.rows()
    long_ago, lately = timezone.now() - timedelta(days=400), timezone.now() - timedelta(days=3)
    columns = {field.name for field in row._meta.concrete_fields}
    created = next(name for name in ("created_at", "added_on") if name in columns)
    used = next(name for name in ("last_used_at", "last_used") if name in columns)
    type(row).objects.filter(pk=row.pk).update(**{created: long_ago, used: lately})
    assert run_import().status == 0
    (passkey,) = Passkey.objects.all()
    (held,) = authenticator.credentials
    known: dict[str, Any] = {
        "sign_count": 7, "aaguid": aaguid, "transports": ["nfc", "usb"], "backup_eligible": True,
        "backup_state": True, "discoverable": True,
    }  # fmt: skip
    unknown: dict[str, Any] = {
        "sign_count": 0, "aaguid": None, "transports": [], "backup_eligible": None,
        "backup_state": False, "discoverable": None,
    }  # fmt: skip
    for name in known:
        expected = known if name in old.kept else unknown
        assert getattr(passkey, name) == expected[name], name
    assert (bytes(passkey.credential_id), passkey.rp_id) == (held.id, "testserver")
    assert passkey.nickname == ("Work" if old.has_names else "")
    assert (passkey.created_at, passkey.last_used_at) == (long_ago, lately)
    assert (passkey.confirmed, passkey.user) == (True, alice)


def test_handle(alice: User, old: Package, authenticator: Authenticator) -> None:
    """A random handle becomes the account's; any other stays with its passkey, or is learnt (S5.4)."""
    old.register(alice, authenticator)
    run_import()
    passkey = Passkey.objects.select_related("user__passkey_handle").get()
    theirs = authenticator.credentials[0].user_handle
    assert (bytes(passkey.account_handle.handle) == theirs) is old.is_random
    assert (passkey.known_handle == theirs) is old.is_certain
    assert theirs in passkey.possible_handles
    use(alice, authenticator, alone=old.signs_in_alone)
    passkey = Passkey.objects.select_related("user__passkey_handle").get()
    assert (passkey.known_handle, passkey.handle_candidates) == (theirs, None)
    assert passkey.backup_eligible is True


def test_switched_off(alice: User, old: Package, authenticator: Authenticator) -> None:
    """What was switched off there is switched off here (S5.3)."""
    old.register(alice, authenticator)
    (row,) = old.rows()
    columns = {field.name for field in row._meta.concrete_fields} & {"confirmed", "enabled"}
    if not columns:
        pytest.skip("the package switches nothing off")
    type(row).objects.filter(pk=row.pk).update(**dict.fromkeys(columns, False))
    assert run_import().status == 0
    assert not Passkey.objects.get().confirmed


def test_nobody_hears(alice: User, old: Package, authenticator: Authenticator) -> None:
    """No mail, no signal, no sync flag, whatever comes in (S5.3)."""
    old.register(alice, authenticator)
    browser = Client()
    browser.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    session = browser.session
    del session[FLAG]
    session.save()
    mails, heard = len(mail.outbox), []

    def hear(sender: Any, **arguments: Any) -> None:
        heard.append(sender)

    passkey_registered.connect(hear)
    post_save.connect(hear)
    try:
        assert run_import().status == 0
    finally:
        passkey_registered.disconnect(hear)
        post_save.disconnect(hear)
    assert heard == []
    assert len(mail.outbox) == mails
    assert FLAG not in browser.session
