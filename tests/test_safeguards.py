"""The last way in: what counts as one, and that nobody deletes it."""

import threading
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.client import MULTIPART_CONTENT
from django.urls import reverse

from otp_passkeys import actions
from otp_passkeys.exceptions import LastWayIn, PasskeyError
from otp_passkeys.models import Passkey
from otp_passkeys.policy import Policy
from otp_passkeys.safeguards import other_ways_in, require_another_way_in
from otp_passkeys.testing import Authenticator, register, sign_in

from .helpers.rows import stored_passkey
from .helpers.steps import SignedIn

ASKED: list[User] = []


class ByLetter(Policy):
    """Names a way in that only the site knows of."""

    def other_ways_in(self, user: User) -> list[str]:
        ASKED.append(user)
        return ["letter"]


class NoPassword(Policy):
    """A site where nobody signs in with a password, whatever the database has."""

    def has_password(self, user: User) -> bool:
        return False


def test_nothing_remains(carol: User, eve: User) -> None:
    """P8: without password the only passkey is the last way in; another user's does not count."""
    passkey = stored_passkey(carol)
    stored_passkey(eve)
    assert other_ways_in(carol, passkey) == []
    with pytest.raises(LastWayIn):
        require_another_way_in(carol, passkey)


def test_password_remains(alice: User) -> None:
    """P8: a usable password is a way in."""
    passkey = stored_passkey(alice)
    assert other_ways_in(alice, passkey) == ["password"]
    require_another_way_in(alice, passkey)


def test_passkey_remains(carol: User) -> None:
    """P8: so is another passkey, if it may be used."""
    passkey, other = stored_passkey(carol), stored_passkey(carol)
    assert other_ways_in(carol, passkey) == ["passkey"]
    Passkey.objects.filter(pk=other.pk).update(confirmed=False)
    assert other_ways_in(carol, passkey) == []


def test_other_ways(carol: User, settings: Any) -> None:
    """P8: the site's policy names ways in that the app cannot see, and is told whose."""
    settings.OTP_PASSKEYS_POLICY = ByLetter
    ASKED.clear()
    assert other_ways_in(carol, stored_passkey(carol)) == ["letter"]
    assert carol in ASKED
    assert len(ASKED) == 1


def test_own_notion_of_a_password(alice: User, settings: Any) -> None:
    """P8: whether there is a password to give, the site's policy says."""
    passkey = stored_passkey(alice)
    assert other_ways_in(alice, passkey) == ["password"]
    settings.OTP_PASSKEYS_POLICY = NoPassword
    assert other_ways_in(alice, passkey) == []


@pytest.mark.parametrize("content_type", ["application/json", MULTIPART_CONTENT])
def test_refusal_keeps_the_passkey(
    carol: User, authenticator: Authenticator, content_type: str
) -> None:
    """P8: the refused deletion says what to do first, and the passkey still signs in."""
    client = Client()
    client.force_login(carol, "django.contrib.auth.backends.ModelBackend")
    assert register(client, authenticator).status_code == 201
    url = reverse("otp_passkeys:delete", args=[Passkey.objects.get().pk])
    answer = client.post(url, {}, content_type=content_type)
    assert answer.status_code == 409
    if content_type == "application/json":
        assert answer.json()["code"] == "last_way_in"
    assert "Add another passkey or set a password" in answer.content.decode()
    assert sign_in(Client(), authenticator).status_code == 200


@pytest.mark.server_database
@pytest.mark.django_db(transaction=True)
def test_two_deletions_at_once(carol: User) -> None:
    """P8: of the last two passkeys, deleted at once, one remains."""
    for _ in range(5):
        pks = [stored_passkey(carol).pk, stored_passkey(carol).pk]
        Passkey.objects.exclude(pk__in=pks).delete()
        start = threading.Barrier(2)
        refused: list[type[PasskeyError]] = []

        def delete(
            pk: int, start: threading.Barrier = start, refused: list[type[PasskeyError]] = refused
        ) -> None:
            try:
                start.wait()
                actions.delete(user=carol, pk=pk)
            except PasskeyError as error:
                refused.append(type(error))
            finally:
                connection.close()

        threads = [threading.Thread(target=delete, args=[pk]) for pk in pks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert refused == [LastWayIn]
        assert Passkey.objects.count() == 1


def delete_page(user: User, passkey: Passkey, signed_in: SignedIn, method: str = "get") -> Any:
    """Ask for the page that asks before it deletes, or answer it."""
    return getattr(signed_in(user), method)(reverse("otp_passkeys:delete", args=[passkey.pk]))


def test_page_before_the_last_passkey(alice: User, signed_in: SignedIn, settings: Any) -> None:
    """P8, S1.14: the page says that it is the last passkey, and what remains without it."""
    settings.OTP_PASSKEYS_POLICY = f"{__name__}.ByLetter"
    page = delete_page(alice, stored_passkey(alice), signed_in)
    assert page.status_code == 200
    assert page.context["is_last"] is True
    assert page.context["ways"] == "your password or letter"
    text = page.content.decode()
    assert "This is your last passkey." in text
    assert "your password" in text
    assert "letter" in text
    assert 'type="submit"' in text


def test_page_before_one_of_several(alice: User, signed_in: SignedIn) -> None:
    """P8, S1.14: where another passkey remains, nobody is warned; a disabled one is no other."""
    passkey, other = stored_passkey(alice), stored_passkey(alice)
    page = delete_page(alice, passkey, signed_in)
    assert page.context["is_last"] is False
    assert "last passkey" not in page.content.decode()
    Passkey.objects.filter(pk=other.pk).update(confirmed=False)
    assert delete_page(alice, passkey, signed_in).context["is_last"] is True


def test_page_before_the_last_way_in(carol: User, signed_in: SignedIn) -> None:
    """P8: where nothing remains, the page says what to do first, and asks for nothing that it would refuse."""
    passkey = stored_passkey(carol)
    for method, status in (("get", 200), ("post", 409)):
        page = delete_page(carol, passkey, signed_in, method)
        assert page.status_code == status
        assert (page.context["is_last"], page.context["is_only_way"]) == (True, True)
        text = page.content.decode()
        assert "Add another passkey or set a password" in text
        assert "#otp-passkeys-add" in text
        assert "Delete passkey" not in text
    assert Passkey.objects.filter(pk=passkey.pk).exists()


def test_page_says_nothing_of_others(alice: User, eve: User, signed_in: SignedIn) -> None:
    """S1.10: eve does not learn whether a passkey of alice's is the last."""
    assert delete_page(eve, stored_passkey(alice), signed_in).status_code == 404
