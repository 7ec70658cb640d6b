"""The same on a site whose transactions are serializable: the database refuses more, and nothing else changes.

PostgreSQL ends all but one of the transactions that meet; a request that it ended is answered with 409.
"""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction
from django.test import Client

from otp_passkeys.models import Passkey, UserHandle
from otp_passkeys.notifications.limit import count_mail
from otp_passkeys.testing import Authenticator

from ..helpers.faults import wait_until_waited_for
from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn, ask, lose_password, outcome, post, verify
from .racing import AT_ONCE, ROUNDS, Race, inside, sign_in_at_once
from .test_counters import use
from .test_limits import mail_at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
LATE = {"challenge_spent", "try_again"}


@pytest.fixture
def authenticator() -> Authenticator:
    """Make a security key: the counts of its passkeys must grow."""
    return Authenticator(backup_eligible=False)


@pytest.fixture(autouse=True)
def serializable(transactional_db: None) -> Iterator[None]:
    """Let each transaction be serializable, as `OPTIONS` of a site's `DATABASES` may ask for."""
    from django.db.backends.postgresql.psycopg_any import IsolationLevel

    options = connections.settings["default"]["OPTIONS"]
    options["isolation_level"] = IsolationLevel.SERIALIZABLE
    # psycopg says so where it begins a transaction; a single statement is none to it, so the server is told too.
    options["options"] = "-c default_transaction_isolation=serializable"
    connection.close()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("serializable",)
    yield
    del options["isolation_level"], options["options"]
    connection.close()


def test_sign_in(passkey: Passkey, authenticator: Authenticator, race: Race) -> None:
    """T2: one answer signs in once."""
    sign_in_at_once(race, authenticator, LATE)


@pytest.mark.usefixtures("atomic_requests")
def test_registration(race: Race, browser: Client) -> None:
    """T2: one challenge makes one passkey."""
    for _ in range(ROUNDS):
        options = ask(browser, "register-options")
        made = [Authenticator().create(options) for _ in range(AT_ONCE)]
        heard = Counter(race.answers(race.copies(browser), "register", made))
        assert heard.pop("201") == 1
        assert set(heard) <= LATE
        assert Passkey.objects.count() == 1
        Passkey.objects.all().delete()


@pytest.mark.parametrize("step", [0, 1])
def test_counts(passkey: Passkey, authenticator: Authenticator, race: Race, step: int) -> None:
    """WebAuthn L3 §7.2 step 22: no count is lost, no clone let in."""
    Passkey.objects.update(sign_count=1)
    for number in range(ROUNDS):
        first = 2 + number * AT_ONCE
        counters = [first + step * browser for browser in range(AT_ONCE)]
        browsers, heard = use(race, authenticator, counters)
        accepted = [counter for counter, code in zip(counters, heard, strict=True) if code == "200"]
        assert len(set(accepted)) == len(accepted) == inside(browsers) >= 1
        assert set(heard) <= {"200", "verification_failed", "try_again"}
        assert Passkey.objects.get().sign_count == max(accepted)


@pytest.mark.parametrize("many", [2, AT_ONCE])
def test_last_passkey(alice: User, signed_in: SignedIn, race: Race, many: int) -> None:
    """P8: a passkey remains."""
    lose_password(alice)
    browsers = [signed_in(alice) for _ in range(many)]
    for _ in range(ROUNDS):
        while alice.passkeys.count() < many:
            stored_passkey(alice)
        passkeys = list(alice.passkeys.all())
        for browser, passkey in zip(browsers, passkeys, strict=True):
            verify(browser, passkey)
        heard = race.deletions(browsers, passkeys)
        assert set(heard) <= {"204", "last_way_in", "try_again"}
        assert alice.passkeys.count() == many - heard["204"] >= 1


@pytest.mark.usefixtures("atomic_requests")
def test_first_handle(alice: User, signed_in: SignedIn, race: Race) -> None:
    """Y7: whoever is not told to try again gets the same handle."""
    browsers = race.copies(signed_in(alice))
    for _ in range(ROUNDS):
        UserHandle.objects.all().delete()
        begun = race.at_once([partial(post, browser, "register-options") for browser in browsers])
        assert {outcome(each) for each in begun} <= {"200", "try_again"}
        handles = {each.json()["user"]["id"] for each in begun if each.status_code == 200}
        assert len(handles) == UserHandle.objects.count() == 1
        race.heard.update(map(outcome, begun))


def test_mails(alice: User, race: Race, mailoutbox: list[Any], settings: Any) -> None:
    """P16: no sixth mail is sent."""
    settings.OTP_PASSKEYS_NOTIFY = True
    mail_at_once(race, alice, mailoutbox, known=True)


def test_refused_count(alice: User) -> None:
    """P16: what the database refuses to count, since another mail was counted meanwhile, is counted after that."""
    UserHandle.of(alice)

    def count() -> int:
        try:
            return count_mail(Passkey(user=alice))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        UserHandle.objects.update(mailed_at=str(int(time.time())))
        counting = pool.submit(count)
        wait_until_waited_for()
    assert counting.result() == 2
