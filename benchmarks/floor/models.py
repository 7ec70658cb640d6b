"""The one table: what WebAuthn L3 §4 needs of a passkey, as a device of django-otp."""

from __future__ import annotations

from django.db import models
from django_otp.models import Device, TimestampMixin


class FloorPasskey(TimestampMixin, Device):
    """A passkey; the handle of its user is worked out, so it is stored nowhere."""

    credential_id = models.BinaryField(max_length=1023, unique=True)
    public_key = models.BinaryField(max_length=4096)
    sign_count = models.PositiveBigIntegerField(default=0)
    transports = models.JSONField(default=list)
    backup_eligible = models.BooleanField(default=False)
    backup_state = models.BooleanField(default=False)

    def __str__(self) -> str:
        return str(self.name)
