"""What is exported comes back without loss, and is as its schema says (S5.9)."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from otp_passkeys.importing.json_lines import MEMBERS
from otp_passkeys.models import ImportedHandle, Passkey, UserHandle
from otp_passkeys.testing import Authenticator

from ..helpers.docs import DOCS
from ..helpers.importing import File, made, run

pytestmark = pytest.mark.django_db
SCHEMA = json.loads((DOCS / "reference" / "passkeys.schema.json").read_text("utf-8"))


def test_round_trip(alice: User, bob: User, file: File, tmp_path: Path) -> None:
    """An export reads back without loss: rows, handles, names, numbers, and times (S5.9)."""
    own, phone, key = Authenticator(), Authenticator(), Authenticator(counter_step=1)
    lines = [
        made(own, handle=bytes(range(64)), user_handle_is_random=True, name="Work", number=3),
        made(phone, aaguid="FA2B99DC-9E39-4257-8F92-4A30D23C4118", created_at="2020-01-02T03:04Z"),
        made(key, sign_count=7, enabled=False, transports=["usb"], name="Work", number=2),
        made(
            Authenticator(),
            user="bob",
            user_handle=None,
            user_handle_candidates=["AAAA", "AAAB"],
            backup_eligible=None,
            last_used_at="2021-01-02T03:04:05.678901+02:00",
            sign_count_fell_at="2021-01-02T03:04:05Z",
            discoverable=False,
            second_step_only=True,
        ),
    ]
    assert file.take(*lines).status == 0
    exported = run("export_passkeys").lines
    columns = [field.name for field in Passkey._meta.concrete_fields if field.name != "id"]
    rows = Passkey.objects.order_by("credential_key").values(*columns)
    before, own_handle = list(rows), _handle(alice)
    # A column that is not exported would come back as it is by default.
    defaults = {name: Passkey._meta.get_field(name).get_default() for name in columns}
    told = {name for row in before for name, value in row.items() if value != defaults[name]}
    assert set(columns) - told == set()
    assert own_handle == bytes(range(64))
    for user in (alice, bob):
        user.passkeys.all().delete()
        UserHandle.objects.filter(pk=user.pk).delete()
    ImportedHandle.objects.all().delete()
    ran = file.take(*(json.loads(line) for line in exported), arguments=("--dry-run",))
    assert ran.lines[-1] == "Deleted here since, and not brought back: 4."
    ran = file.take(
        *(json.loads(line) for line in exported),
        arguments=("--restore", "--user=alice", "--user=bob"),
    )
    assert ran.status == 0, ran
    assert list(rows.all()) == before
    assert _handle(alice) == own_handle
    assert run("export_passkeys").lines == exported
    assert run("export_passkeys", "--user=bob").lines == exported[-1:]
    assert {passkey.name for passkey in Passkey.objects.for_user(alice)} >= {"Work 2", "Work 3"}


def _handle(user: User) -> bytes:
    return bytes(UserHandle.objects.get(pk=user.pk).handle)


def test_schema(alice: User, file: File, authenticator: Authenticator) -> None:
    """The schema in the documentation takes what the export writes, and has every member (S5.9)."""
    validator = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
    validator.check_schema(SCHEMA)
    assert set(SCHEMA["properties"]) == set(MEMBERS)
    line = made(authenticator, created_at="2020-01-02T03:04:05Z")
    validator.validate(line)
    file.take(line, {**made(Authenticator()), "user_handle": None, "user_handle_candidates": []})
    for one in run("export_passkeys").lines:
        validator.validate(json.loads(one))
    for name, wrong in {"sign_count": -1, "user_handle": "é", "enabled": "yes", "x": 1}.items():
        with pytest.raises(jsonschema.ValidationError):
            validator.validate({**line, name: wrong})


def test_naive_times(alice: User, file: File, authenticator: Authenticator, settings: Any) -> None:
    """Without time zones in the database the times are the same moments."""
    settings.USE_TZ, settings.TIME_ZONE = False, "Asia/Kathmandu"
    file.take(made(authenticator, created_at="2020-01-02T00:00:00Z"))
    created = Passkey.objects.get().created_at
    assert (timezone.is_naive(created), created.hour, created.minute) == (True, 5, 45)
    (line,) = run("export_passkeys").lines
    assert json.loads(line)["created_at"] == "2020-01-02T05:45:00+05:45"
