"""What must work with any user model; `test_custom_user.py` runs it with each."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_login_failed
from django.core.management import CommandError
from django.test import Client

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, from_base64url, register, sign_in
from tests.helpers.importing import run
from tests.helpers.signals import sent
from tests.helpers.steps import ask, is_signed_in, outcome

from ..helpers.steps import lose_password

NAMES = {
    "Member": ("alice@example.com", "eve@example.com"),
    "Badge": ("0042", "0043"),
    "Ticket": (uuid.UUID(int=42), uuid.UUID(int=43)),
}


@pytest.fixture
def member(db: None) -> Any:
    """Make a user of this site's model, without a password."""
    model: Any = get_user_model()
    user = model(**{model.USERNAME_FIELD: NAMES[model.__name__][0]})
    lose_password(user)
    return user


@pytest.fixture
def client(member: Any) -> Client:
    """Sign the user in."""
    client = Client()
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_names_the_account(member: Any, client: Client) -> None:
    """Name and display name are what there is, and the handle says nothing of the user (S0.21)."""
    user = ask(client, "register-options")["user"]
    assert (user["name"], user["displayName"]) == (str(member.get_username()),) * 2
    assert len(from_base64url(user["id"])) == 64
    sync = client.get("/passkeys/sync/").json()
    assert (sync["name"], sync["displayName"]) == (str(member.get_username()),) * 2


def test_signs_in(member: Any, client: Client, authenticator: Authenticator) -> None:
    """Registration, sign-in and confirmation work (issue 2)."""
    assert register(client, authenticator).status_code == 201
    visitor = Client()
    assert outcome(sign_in(visitor, authenticator)) == "200"
    assert visitor.session["_auth_user_id"] == str(member.pk)
    assert outcome(sign_in(visitor, authenticator)) == "200"
    request = visitor.get("/passkeys/").wsgi_request
    assert request.user == member
    assert request.user.is_verified()
    member.refresh_from_db()
    assert member.last_login is not None


def test_refuses(client: Client, authenticator: Authenticator, member: Any) -> None:
    """A refusal names the account by whatever names accounts here (T20)."""
    register(client, authenticator)
    visitor = Client()
    with sent(user_login_failed) as failed:
        response = sign_in(visitor, authenticator, user_verified=False, force=True)
    assert outcome(response) == "verification_failed"
    assert [call["credentials"] for call in failed] == [
        {member.USERNAME_FIELD: member.get_username()}
    ]
    assert not is_signed_in(visitor)


def test_confirms_only_this_account(
    member: Any, client: Client, authenticator: Authenticator
) -> None:
    """The account is compared by its primary key, whatever that is (T22)."""
    register(client, authenticator)
    model: Any = get_user_model()
    other = model.objects.create(**{model.USERNAME_FIELD: NAMES[model.__name__][1]})
    hers = Client()
    hers.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
    picked: dict[str, Any] = {"credential": authenticator.credentials[0], "force": True}
    assert outcome(sign_in(hers, authenticator, **picked)) == "credential_user_mismatch"
    assert outcome(sign_in(client, authenticator)) == "200"


def test_manages(client: Client, authenticator: Authenticator) -> None:
    """List, rename and delete work, and the last way in is kept."""
    for device in (authenticator, Authenticator()):
        register(client, device)
    first, second = Passkey.objects.order_by("pk")
    assert client.get("/passkeys/").status_code == 200
    renamed = client.post(f"/passkeys/{first.pk}/rename/", {"nickname": "Desk"})
    assert renamed.status_code == 302
    assert client.post(f"/passkeys/{second.pk}/delete/").status_code == 302
    assert client.post(f"/passkeys/{first.pk}/delete/").status_code == 409
    assert list(Passkey.objects.all()) == [first]


def test_leaves_and_comes_back(
    member: Any, client: Client, authenticator: Authenticator, tmp_path: Path
) -> None:
    """An export names the user by whatever names accounts, and the import finds them by it, and nobody else (S5.9)."""
    register(client, authenticator)
    name = str(member.get_username())
    lines = run("export_passkeys", "--user", name).lines
    Passkey.objects.all().delete()
    file = tmp_path / "passkeys.jsonl"
    file.write_text("\n".join([json.dumps({**json.loads(lines[0]), "user": "nobody"}), *lines]))
    ran = run("import_passkeys", "json", f"--file={file}", "--user", name)
    assert ran.lines == ["Took 1 passkey of 1 account."]
    assert outcome(sign_in(Client(), authenticator)) == "200"
    ran = run("import_passkeys", "json", f"--file={file}")
    assert ran.lines[0] == "nobody: line 1 left: there is no such user."
    with pytest.raises(CommandError, match="There is no account 'nobody'"):
        run("import_passkeys", "json", f"--file={file}", "--user", "nobody")
