"""A registration that a stolen passkey's proof began, finished while the owner deletes that passkey (P15)."""

from functools import partial

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, sign_in

from ..helpers.steps import SignedIn, answer, ask, enrol, outcome
from .racing import GIVES_WAY, ROUNDS, Race

pytestmark = [pytest.mark.server_database, pytest.mark.django_db(transaction=True)]


def test_deleted_while_it_is_finished(alice: User, signed_in: SignedIn, race: Race) -> None:
    """P15: whichever comes first, nothing fails; once the deletion was answered nothing is finished any more."""
    owner, thief = signed_in(alice), Client()
    stolen = Authenticator()
    for _ in range(ROUNDS):
        passkey = enrol(owner, stolen)
        thief.cookies.clear()
        assert sign_in(thief, stolen).status_code == 200
        at_once, later = (Authenticator().create(ask(thief, "register-options")) for _ in range(2))
        address = reverse("otp_passkeys:delete", args=[passkey.pk])
        calls = [
            partial(owner.post, address, {}, content_type="application/json", secure=True),
            partial(answer, thief, "register", at_once),
        ]
        deleted, finished = map(outcome, race.at_once(calls))
        assert deleted in {"204"} | GIVES_WAY
        assert finished in {"201", "reauthentication_required"} | GIVES_WAY
        assert Passkey.objects.exclude(pk=passkey.pk).count() == (finished == "201")
        Passkey.objects.all().delete()  # or what was planted would demand a second factor
        assert outcome(answer(thief, "register", later)) == "reauthentication_required"
        assert not Passkey.objects.exists()
        race.heard.update([deleted, finished])
        stolen.credentials.clear()
