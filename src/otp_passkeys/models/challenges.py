"""Challenges that were answered, and guesses that were made."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SpentChallenge(models.Model):
    """A challenge that was answered, or a guess that was made; the row's existence refuses a second one."""

    digest = models.UUIDField(primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("spent challenge")
        verbose_name_plural = _("spent challenges")

    def __str__(self) -> str:
        return str(self.digest)
