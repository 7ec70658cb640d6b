"""Limits at once: no more mails are sent, and no more guesses judged, than one after the other (T31)."""

from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed

from otp_passkeys import notifications
from otp_passkeys.actions import guesses
from otp_passkeys.actions.guesses import GUESSES
from otp_passkeys.models import Passkey, UserHandle

from ..actions.test_guesses import Clock
from ..helpers.reauthentication import give
from ..helpers.rows import stored_passkey
from ..helpers.signals import sent
from ..helpers.steps import SignedIn, verify
from .racing import AT_ONCE, GIVES_WAY, ROUNDS, Race

pytestmark = [pytest.mark.server_database, pytest.mark.django_db(transaction=True)]

LAST = "more changes may follow without a mail"


@pytest.fixture
def notify(race: Race, settings: Any) -> None:
    """Send mails, unlike the other races."""
    settings.OTP_PASSKEYS_NOTIFY = True


def mail_at_once(race: Race, alice: User, mailoutbox: list[Any], *, known: bool) -> None:
    """Tell of twelve changes at the same moment, in each round; each has read the same times before."""
    for _ in range(ROUNDS):
        UserHandle.objects.all().delete()
        if known:
            UserHandle.of(alice)
        mailoutbox.clear()
        passkeys = [Passkey(user=User.objects.get(pk=alice.pk), pk=pk) for pk in range(AT_ONCE)]
        race.at_once(
            [
                partial(notifications.on_passkey_deleted, Passkey, None, passkey.user, passkey)
                for passkey in passkeys
            ]
        )
        assert len(mailoutbox) == len(UserHandle.objects.get().mailed_at.split()) == 5
        assert sum(LAST in mail.body for mail in mailoutbox) == 1


@pytest.mark.parametrize("known", [True, False], ids=["handle", "no handle"])
@pytest.mark.usefixtures("notify")
def test_mails(alice: User, race: Race, mailoutbox: list[Any], known: bool) -> None:
    """P16: of twelve mails at once five are sent, and one of them is the last, also where the handle is yet to be."""
    mail_at_once(race, alice, mailoutbox, known=known)


@pytest.mark.usefixtures("notify")
def test_deletions(alice: User, signed_in: SignedIn, race: Race, mailoutbox: list[Any]) -> None:
    """P16: of the passkeys that twelve browsers delete at once, each is gone, and five mails tell."""
    browsers = [signed_in(alice) for _ in range(AT_ONCE)]
    for _ in range(ROUNDS):
        passkeys = [stored_passkey(alice) for _ in range(AT_ONCE)]
        for browser, passkey in zip(browsers, passkeys, strict=True):
            verify(browser, passkey)
        UserHandle.objects.update(mailed_at="")
        mailoutbox.clear()
        heard = race.deletions(browsers, passkeys)
        assert set(heard) <= {"204"} | GIVES_WAY
        assert Passkey.objects.count() == AT_ONCE - heard["204"]
        assert len(mailoutbox) == min(heard["204"], 5)
        Passkey.objects.all().delete()


@pytest.mark.parametrize("before", [0, 8])
def test_guesses(
    alice: User, signed_in: SignedIn, race: Race, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    """T31: of twelve at once exactly as many are judged as were left."""
    monkeypatch.setattr(guesses, "time", Clock())
    # Only where several lose the same number again and again does it show that none gives up too early.
    for _ in range(ROUNDS if before else 3 * ROUNDS):
        client = signed_in(alice)
        for _ in range(before):
            assert give(client, password="wrong").status_code == 422
        calls = [partial(give, browser, password="wrong") for browser in race.copies(client)]
        with sent(user_login_failed) as failures:
            heard = Counter(response.status_code for response in race.at_once(calls))
        race.heard.update(map(str, heard.elements()))
        assert len(failures) == heard[422]
        if GIVES_WAY and heard[409]:
            assert heard[422] <= GUESSES - before
        else:
            assert heard == {422: GUESSES - before, 429: AT_ONCE - GUESSES + before}
