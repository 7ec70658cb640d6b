"""Users that have an e-mail address and nothing else."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class MemberManager(BaseUserManager["Member"]):
    """Manager of :class:`Member`."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Member:
        """Store a member."""
        member = self.model(email=self.normalize_email(email), **fields)
        member.set_password(password)
        member.save(using=self._db)
        return member


class Member(AbstractBaseUser):
    """A user without a user name, first name, permissions or integer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    email = models.EmailField(unique=True)

    objects = MemberManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"

    class Meta:
        app_label = "custom_user"

    def __str__(self) -> str:
        return self.email


class Ticket(AbstractBaseUser):
    """A user who is known by a UUID."""

    code = models.UUIDField(unique=True)

    objects = BaseUserManager["Ticket"]()

    USERNAME_FIELD = "code"

    class Meta:
        app_label = "custom_user"

    def __str__(self) -> str:
        return str(self.code)


class Badge(AbstractBaseUser):
    """A user without an e-mail field, known by a number on a badge."""

    number = models.CharField(max_length=20, unique=True)

    objects = BaseUserManager["Badge"]()

    EMAIL_FIELD = "mail"
    USERNAME_FIELD = "number"

    class Meta:
        app_label = "custom_user"

    def __str__(self) -> str:
        return self.number
