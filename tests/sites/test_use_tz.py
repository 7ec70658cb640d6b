"""A site with ``USE_TZ = False``: each ceremony and each page, at any hour of the year."""

import datetime
import re
import time
from collections.abc import Callable
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from otp_passkeys import challenges
from otp_passkeys.models import Passkey, SpentChallenge, UserHandle
from otp_passkeys.testing import Authenticator, sign_in
from otp_passkeys.urls import urlpatterns

from ..conftest import PASSWORD
from ..helpers.clock import Clock, clock
from ..helpers.steps import SignedIn, answer, ask, copy, enrol, is_signed_in, outcome, post
from ..helpers.sync import synchronise

__all__ = ["clock"]  # a fixture

ZONES = ["America/New_York", "Asia/Kathmandu"]
HOUR = 3600


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest, settings: Any, db: None) -> ZoneInfo:
    """Store times without a zone; Django's receivers tell the process and the connection."""
    settings.TIME_ZONE, settings.USE_TZ = request.param, False
    return ZoneInfo(request.param)


def is_now(text: str) -> bool:
    """Say whether a text is this minute, with its zone, as RFC 3339 has it."""
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment.tzinfo is not None and abs(moment.timestamp() - time.time()) < 60


def test_ceremonies(zone: ZoneInfo, client: Client, alice: User) -> None:
    """S6.8: a passkey is added, signs in, confirms, is renamed and deleted; an answer counts once."""
    client.post(reverse("otp_passkeys:sign-in"), {"username": "alice", "password": PASSWORD})
    authenticator = Authenticator()
    stored = enrol(client, authenticator)
    other = Client()
    options = ask(other, "authenticate-options")
    assertion = authenticator.get(options)
    assert outcome(answer(other, "authenticate", assertion)) == "200"
    assert outcome(answer(other, "authenticate", assertion)) == "challenge_invalid"  # of a visitor
    assert sign_in(other, authenticator).status_code == 200  # confirms
    synchronise(other, authenticator)
    (listed,) = other.get(
        reverse("otp_passkeys:list"), headers={"Accept": "application/json"}
    ).json()["passkeys"]
    assert is_now(listed["created_at"])
    assert is_now(listed["last_used_at"])
    assert other.post(listed["rename_url"], {"nickname": "Blue"}).status_code == 302
    enrol(other, Authenticator())
    assert other.post(listed["delete_url"]).status_code == 302
    assert not Passkey.objects.filter(pk=stored.pk).exists()
    assert SpentChallenge.objects.count() == 4


@pytest.mark.usefixtures("passkey")
def test_refused_answer_is_spent(zone: ZoneInfo, authenticator: Authenticator) -> None:
    """S6.8, T6: a refusal spends the challenge as well."""
    client = Client()
    options = ask(client, "authenticate-options")
    bad = authenticator.get(options, origin="https://evil.example")
    assert outcome(answer(client, "authenticate", bad)) == "verification_failed"
    good = authenticator.get(options)
    assert outcome(answer(client, "authenticate", good)) == "challenge_spent"


def test_pages(zone: ZoneInfo, alice: User, signed_in: SignedIn) -> None:
    """S6.8: each page of the app is shown, to its user and to a visitor, and so is each page with a tag."""
    client, authenticator = signed_in(alice), Authenticator()
    passkey = enrol(client, authenticator)
    assert sign_in(client, authenticator).status_code == 200
    Passkey.objects.update(created_at=datetime.datetime(2020, 1, 1), last_used_at=None)
    keys = {"pk": passkey.pk, "version": "1", "aaguid": "0" * 8, "theme": "light"}
    for pattern in urlpatterns:
        names = {name: keys[name] for name in pattern.pattern.converters}
        address = reverse(f"otp_passkeys:{pattern.name}", kwargs=names)
        for each in (client, Client()):
            each.get(address)  # a failure is raised here
            each.get(address, headers={"Accept": "application/json"})
    assert "2020" in client.get(reverse("otp_passkeys:list")).content.decode()
    assert client.get(reverse("tagged")).status_code == 200


def test_reauthentication(zone: ZoneInfo, passkey: Passkey, signed_in: SignedIn) -> None:
    """S6.8: a password confirms, and a confirmation that counts once is used up."""
    client = signed_in(passkey.user)
    address = reverse("otp_passkeys:reauthenticate")
    client.post(address, {"way": "password", "password": PASSWORD})
    assert client.get(reverse("otp_passkeys:delete", args=[passkey.pk])).status_code == 200
    elsewhere = reverse("otp_passkeys:sign-out-elsewhere")
    assert client.get(elsewhere).status_code == 200
    assert client.post(elsewhere, {"password": PASSWORD}).status_code in (200, 302)


def test_admin(zone: ZoneInfo, passkey: Passkey, signed_in: SignedIn) -> None:
    """S6.8: the admin lists by date, shows and deletes."""
    Passkey.objects.update(last_used_at=datetime.datetime(2026, 5, 3, 9, 12))
    root = signed_in(User.objects.create_superuser("root", "root@example.com", "secret"))
    changes = reverse("admin:otp_passkeys_passkey_changelist")
    assert "May 3, 2026, 9:12 a.m." in root.get(changes).content.decode()
    assert root.get(changes, {"created_at__year": passkey.created_at.year}).status_code == 200
    change = reverse("admin:otp_passkeys_passkey_change", args=[passkey.pk])
    assert "May 3, 2026, 9:12 a.m." in root.get(change).content.decode()
    delete = reverse("admin:otp_passkeys_passkey_delete", args=[passkey.pk])
    assert root.post(delete, {"post": "yes"}).status_code == 302
    assert UserHandle.objects.get().emptied_at is not None


def test_commands(zone: ZoneInfo, passkey: Passkey) -> None:
    """S6.8: support reads the times that are stored, and the purge removes what is over."""
    Passkey.objects.update(last_used_at=datetime.datetime(2026, 5, 3, 9, 12))
    call_command("passkeys", "alice", stdout=(printed := StringIO()))
    assert "last used May 3, 2026, 9:12 a.m." in printed.getvalue()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(challenges, "_LOCAL_TIME_MARGIN", 0)
        challenges.spend_once(b"over", expires=time.time() - HOUR - 60)
        challenges.spend_once(b"not over", expires=time.time() - HOUR + 60)
    assert challenges.purge() == 1
    assert SpentChallenge.objects.count() == 1


@pytest.mark.parametrize("use_tz", [True, False])
def test_mails_name_the_zone(
    zone: ZoneInfo,
    settings: Any,
    alice: User,
    signed_in: SignedIn,
    django_capture_on_commit_callbacks: Callable[..., Any],
    use_tz: bool,
) -> None:
    """S6.8: a mail has the time of the site and the name of its zone, with USE_TZ and without."""
    settings.USE_TZ = use_tz
    with django_capture_on_commit_callbacks(execute=True):
        enrol(signed_in(alice), Authenticator())
    now = datetime.datetime.now(zone)
    (named,) = set(re.findall(r"Time: .* \((.+)\)", str(mail.outbox[0].body)))
    assert named == now.tzname()
    assert f"{now:%Y}" in str(mail.outbox[0].body)


def test_mail_in_the_hour_that_comes_twice(
    settings: Any,
    alice: User,
    signed_in: SignedIn,
    django_capture_on_commit_callbacks: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """S6.8: Django names no zone for a time without one in that hour; the mail does."""
    settings.TIME_ZONE, settings.USE_TZ = "America/New_York", False
    client = signed_in(alice)
    monkeypatch.setattr(timezone, "now", lambda: datetime.datetime(2026, 11, 1, 1, 30))
    with django_capture_on_commit_callbacks(execute=True):
        enrol(client, Authenticator())
    assert "Time: Nov. 1, 2026, 1:30 a.m. (EDT)" in str(mail.outbox[0].body)


# When a clock on the wall goes back, and how far: an hour, half an hour, and two.
GOES_BACK = [
    ("America/New_York", datetime.datetime(2026, 11, 1, 6, tzinfo=datetime.timezone.utc)),
    ("Australia/Lord_Howe", datetime.datetime(2026, 4, 4, 15, tzinfo=datetime.timezone.utc)),
    ("Antarctica/Troll", datetime.datetime(2026, 10, 25, 1, tzinfo=datetime.timezone.utc)),
]
GOES_ON = [("America/New_York", datetime.datetime(2026, 3, 8, 7, tzinfo=datetime.timezone.utc))]


@pytest.mark.parametrize("use_tz", [True, False])
@pytest.mark.parametrize(("name", "change"), [*GOES_BACK, *GOES_ON])
@pytest.mark.parametrize("before", [60, 540])
def test_daylight_saving(
    settings: Any,
    passkey: Passkey,
    authenticator: Authenticator,
    clock: Clock,
    name: str,
    change: datetime.datetime,
    before: int,
    use_tz: bool,
) -> None:
    """S6.8, T1, T4: a challenge lives ten minutes of time, and its row longer, whatever the clock on the wall does."""
    settings.TIME_ZONE, settings.USE_TZ = name, use_tz
    began = clock.now = change.timestamp() - before
    client = Client()
    options = ask(client, "authenticate-options")
    same = copy(client)
    assertion = authenticator.get(options)
    assert outcome(answer(client, "authenticate", assertion)) == "200"
    for clock.now in (began + 1, change.timestamp() - 1, change.timestamp() + 1, began + 599):
        challenges.purge()
        assert outcome(answer(same, "authenticate", assertion)) == "challenge_spent"
    clock.now = began + 601
    assert outcome(answer(same, "authenticate", assertion)) == "challenge_expired"
    clock.now = began + 3 * 24 * HOUR
    assert challenges.purge() == 1


@pytest.mark.parametrize(("name", "change"), [*GOES_BACK, *GOES_ON])
def test_answered_after_the_change(
    settings: Any,
    passkey: Passkey,
    authenticator: Authenticator,
    clock: Clock,
    name: str,
    change: datetime.datetime,
) -> None:
    """S6.8: who was asked before the clock changed answers after it."""
    settings.TIME_ZONE, settings.USE_TZ = name, False
    clock.now = change.timestamp() - 300
    client = Client()
    options = ask(client, "authenticate-options")
    clock.now = change.timestamp() + 200
    assert outcome(answer(client, "authenticate", authenticator.get(options))) == "200"
    assert is_signed_in(client)
    assert outcome(post(client, "authenticate-options")) == "200"
