"""What the use of a passkey writes, in one statement: count, backup state, time, and what an import did not know.

WebAuthn L3 §7.2 step 24.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from ..conf import conf
from ..exceptions import VerificationFailed
from ..models import Passkey

if TYPE_CHECKING:
    from ..ceremonies import UsedCredential

logger = logging.getLogger("otp_passkeys")


def record_use(passkey: Passkey, used: UsedCredential) -> None:
    """Write what a use changes, and refuse a sign count that proves a copy.

    A passkey that is bound to its device has one copy, so its count must grow. A synced one has several, and may be
    moved between password managers, of which some count: where its count falls, that is noted and no more.

    :param passkey: the passkey, as it was read; what is written is set on it too.
    :param used: what was verified.
    :raises VerificationFailed: if the count of a device-bound passkey did not grow, or the passkey has just gone.
    """
    rows = Passkey.objects.filter(pk=passkey.pk, confirmed=True)
    fell = used.backup_eligible and used.sign_count <= passkey.sign_count != 0
    if not used.backup_eligible and not conf.OTP_PASSKEYS_POLICY.sign_count_may_repeat(passkey):
        # One that never counts sends 0 each time.
        rows = rows.filter(
            Q(sign_count__lt=used.sign_count) if used.sign_count else Q(sign_count=0)
        )
    written: dict[str, Any] = {
        "backup_state": used.backup_state,
        "user_verified": passkey.user_verified or used.user_verified,
        "last_used_at": timezone.now(),
        "sign_count": max(passkey.sign_count, used.sign_count),
        **_learnt(passkey, used),
    }
    if fell:
        # The new count is stored, so that one move is noted once and not at each use until the old count is passed.
        written["sign_count"] = used.sign_count
        written["sign_count_fell_at"] = written["last_used_at"]
    changed = {name: value for name, value in written.items() if value != getattr(passkey, name)}
    if "sign_count" in changed and not fell:
        # Another use that races may have written a greater one.
        changed["sign_count"] = Greatest(F("sign_count"), used.sign_count)
    # Compared in the statement that writes, or a clone that races would get in.
    if not rows.update(**changed):
        raise VerificationFailed("sign count did not grow, or the passkey has just gone")
    if fell:
        logger.warning(
            "The sign count of the synced passkey with number %d did not grow: %d after %d",
            passkey.pk,
            used.sign_count,
            passkey.sign_count,
        )
    for name, value in written.items():
        setattr(passkey, name, value)


def _learnt(passkey: Passkey, used: UsedCredential) -> dict[str, Any]:
    """Return what this use says of an imported passkey, of which its package did not say it."""
    learnt: dict[str, Any] = {}
    if passkey.backup_eligible is None:
        learnt["backup_eligible"] = used.backup_eligible
    if passkey.handle_candidates is not None and used.user_handle is not None:
        learnt |= {"handle": used.user_handle, "handle_candidates": None}
    # It was let in together with another proof, so it may sign in alone from now on.
    if passkey.second_step_only and used.user_verified:
        learnt["second_step_only"] = False
    return learnt
