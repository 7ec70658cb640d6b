"""Guesses at once: no more are judged than one after the other (T31)."""

from collections import Counter
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed

from otp_passkeys.actions import guesses
from otp_passkeys.actions.guesses import GUESSES

from ..actions.test_guesses import Clock
from ..helpers.reauthentication import give
from ..helpers.signals import sent
from ..helpers.steps import SignedIn
from .racing import AT_ONCE, GIVES_WAY, ROUNDS, Race

pytestmark = [pytest.mark.server_database, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("before", [0, 8])
def test_guesses(
    alice: User, signed_in: SignedIn, race: Race, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    """T31: of twelve at once exactly as many are judged as were left."""
    monkeypatch.setattr(guesses, "time", Clock())
    for _ in range(ROUNDS):
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
