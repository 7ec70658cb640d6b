"""The tables of passkeys, user handles, what was imported, and spent challenges."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SpentChallenge",
            fields=[
                ("digest", models.UUIDField(primary_key=True, serialize=False)),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "verbose_name": "spent challenge",
                "verbose_name_plural": "spent challenges",
            },
        ),
        migrations.CreateModel(
            name="UserHandle",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="passkey_handle",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                ("handle", models.BinaryField(max_length=64, verbose_name="handle")),
                (
                    "emptied_at",
                    models.DateTimeField(
                        help_text="When the last passkey was deleted: only then may an empty list be signalled.",
                        null=True,
                        verbose_name="emptied at",
                    ),
                ),
                ("has_imported_handles", models.BooleanField(default=False, editable=False)),
                (
                    "mailed_at",
                    models.CharField(
                        blank=True, default="", max_length=64, verbose_name="mailed at"
                    ),
                ),
            ],
            options={
                "verbose_name": "user handle",
                "verbose_name_plural": "user handles",
            },
        ),
        migrations.CreateModel(
            name="ImportedCredential",
            fields=[
                (
                    "credential_key",
                    models.UUIDField(editable=False, primary_key=True, serialize=False),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "imported credential",
                "verbose_name_plural": "imported credentials",
            },
        ),
        migrations.CreateModel(
            name="ImportedHandle",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rp_id", models.CharField(max_length=253)),
                ("handle", models.BinaryField(max_length=64)),
                ("key", models.UUIDField(editable=False)),
                ("complete", models.BooleanField(default=False)),
                ("shared", models.BooleanField(default=False)),
                ("emptied_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "imported user handle",
                "verbose_name_plural": "imported user handles",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("key", "user"), name="otp_passkeys_imported_handle"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Passkey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "confirmed",
                    models.BooleanField(default=True, help_text="Is this device ready for use?"),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        help_text="The date and time when this device was initially created in the system.",
                        null=True,
                    ),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="The most recent date and time this device was used.",
                        null=True,
                    ),
                ),
                ("nickname", models.CharField(blank=True, max_length=64, verbose_name="nickname")),
                (
                    "aaguid",
                    models.CharField(
                        blank=True, editable=False, max_length=36, null=True, verbose_name="AAGUID"
                    ),
                ),
                (
                    "credential_id",
                    models.BinaryField(max_length=1023, verbose_name="credential ID"),
                ),
                (
                    "credential_key",
                    models.UUIDField(editable=False, unique=True, verbose_name="credential key"),
                ),
                ("public_key", models.BinaryField(max_length=4096, verbose_name="public key")),
                ("rp_id", models.CharField(editable=False, max_length=253, verbose_name="RP ID")),
                (
                    "sign_count",
                    models.PositiveBigIntegerField(
                        default=0, editable=False, verbose_name="sign count"
                    ),
                ),
                (
                    "sign_count_fell_at",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="sign count fell at"
                    ),
                ),
                (
                    "transports",
                    models.JSONField(
                        blank=True, default=list, editable=False, verbose_name="transports"
                    ),
                ),
                (
                    "backup_eligible",
                    models.BooleanField(editable=False, null=True, verbose_name="backup eligible"),
                ),
                (
                    "backup_state",
                    models.BooleanField(default=False, editable=False, verbose_name="backup state"),
                ),
                (
                    "user_verified",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="user verified"
                    ),
                ),
                (
                    "discoverable",
                    models.BooleanField(editable=False, null=True, verbose_name="discoverable"),
                ),
                (
                    "second_step_only",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="second step only"
                    ),
                ),
                ("handle", models.BinaryField(max_length=64, null=True, verbose_name="handle")),
                (
                    "handle_candidates",
                    models.JSONField(editable=False, null=True),
                ),
                (
                    "number",
                    models.PositiveIntegerField(default=1, editable=False),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passkeys",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "passkey",
                "verbose_name_plural": "passkeys",
            },
        ),
    ]
