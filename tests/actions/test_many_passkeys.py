"""An account with very many passkeys slows nobody, and is told what to do (T30)."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from types import FrameType
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.template import engines
from django.test import Client
from django.urls import reverse

from otp_passkeys import actions
from otp_passkeys.actions.adding import MAX_PASSKEYS
from otp_passkeys.exceptions import TooManyPasskeys
from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, register

from ..helpers.reauthentication import grow_old
from ..helpers.rows import stored_passkeys
from ..helpers.steps import SignedIn, answer, ask, outcome, post

FULL = "as many passkeys as it can have. Delete one that you no longer use, and then add another."
PANEL = reverse("otp_passkeys:list")


@pytest.fixture
def full(alice: User) -> User:
    """Give alice as many passkeys as an account can have."""
    stored_passkeys(alice, [f"key {number}" for number in range(MAX_PASSKEYS)])
    return alice


class Calls:
    """Counts the functions that are called, Python's own and the steps of generators among them."""

    count = 0

    def note(self, frame: FrameType, event: str, argument: Any) -> None:
        """Be told of one by the interpreter."""
        self.count += event in {"call", "c_call"}


@contextmanager
def calls() -> Iterator[Calls]:
    """Count the calls made in this block, which take the same time on no two machines."""
    counted, before = Calls(), sys.getprofile()
    sys.setprofile(counted.note)
    try:
        yield counted
    finally:
        sys.setprofile(before)


# Names that are all equal, and names that stand where the others' numbers would be.
NAMINGS: dict[str, Callable[[int], list[str]]] = {
    "equal": lambda count: [""] * count,
    "in the way": lambda count: [
        *["key"] * (count // 2),
        *(f"key {number}" for number in range(2, count - count // 2 + 2)),
    ],
    "of one another": lambda count: [" 2".join(["key"] * (1 + one % 5)) for one in range(count)],
}


def command(client: Client) -> None:
    """List the passkeys as support does."""
    call_command("passkeys", "alice", stdout=StringIO())


READERS: dict[str, Callable[[Client], object]] = {
    "page": lambda client: client.get(PANEL),
    "json": lambda client: client.get(PANEL, headers={"Accept": "application/json"}),
    "sync": lambda client: client.get(reverse("otp_passkeys:sync")),
    "rename": lambda client: client.get(f"{PANEL}{Passkey.objects.latest('pk').pk}/rename/"),
    "confirm": lambda client: ask(client, "authenticate-options"),
    "command": command,
}


@pytest.mark.parametrize("naming", NAMINGS)
@pytest.mark.parametrize("reader", READERS)
def test_work_is_linear(alice: User, reader: str, naming: str, browser: Client) -> None:
    """T30: twice as many passkeys are twice the work and no more, whatever they are called."""
    stored_passkeys(alice, NAMINGS[naming](2))
    READERS[reader](browser)  # what is read once in a process is read
    work = []
    for count in (20, 40, 80):
        Passkey.objects.all().delete()
        stored_passkeys(alice, NAMINGS[naming](count))
        with calls() as counted:
            READERS[reader](browser)
        work.append(counted.count)
    assert work[2] - work[1] < 2.3 * (work[1] - work[0])


@pytest.mark.parametrize("naming", NAMINGS)
def test_names_stay_apart(alice: User, naming: str) -> None:
    """P12, T30: however many are called alike, no two read the same, and nicknames read as they were typed."""
    nicknames = NAMINGS[naming](40)
    stored_passkeys(alice, nicknames)
    names = [passkey.name for passkey in Passkey.objects.for_user(alice)]
    assert len(set(names)) == 40
    assert {nickname for nickname in nicknames if nickname} <= set(names)


def test_options_are_refused(full: User, signed_in: SignedIn, count: Callable[..., Any]) -> None:
    """S3.4, T30: the hundredth passkey can be added and no other; to find that out costs no statement more."""
    client = signed_in(full)
    with count(statements=3 + 1):  # as costs/test_statements.py has it; one is the device's
        response = post(client, "register-options")
    assert (response.status_code, outcome(response)) == (409, "too_many_passkeys")
    assert FULL in response.json()["detail"]
    with pytest.raises(TooManyPasskeys):
        actions.begin_registration(response.wsgi_request)
    Passkey.objects.latest("pk").delete()
    assert register(client, Authenticator()).status_code == 201
    assert outcome(post(client, "register-options")) == "too_many_passkeys"


def test_no_proof_is_asked_for(full: User, signed_in: SignedIn) -> None:
    """S3.4: nobody confirms who they are only to read that there is no room."""
    client = signed_in(full)
    grow_old(client)
    assert outcome(post(client, "register-options")) == "too_many_passkeys"


def test_upgrade_is_no_error(full: User, signed_in: SignedIn) -> None:
    """S3.4: nobody asked for an automatic upgrade, so its page gets nothing, and no error in its console."""
    assert post(signed_in(full), "register-options", {"upgrade": True}).status_code == 204


def test_another_account_is_not_full(full: User, bob: User, signed_in: SignedIn) -> None:
    """S3.4: the limit is each account's own."""
    assert register(signed_in(bob), Authenticator()).status_code == 201


def test_what_was_begun_is_finished(full: User, signed_in: SignedIn) -> None:
    """S3.4, T10: the browser has saved what another tab began before; it is kept."""
    Passkey.objects.latest("pk").delete()
    client = signed_in(full)
    made = [Authenticator().create(ask(client, "register-options")) for _ in range(2)]
    assert [outcome(answer(client, "register", one)) for one in made] == ["201", "201"]


@pytest.mark.parametrize(("there", "expected"), [(198, "201"), (200, "too_many_passkeys")])
def test_options_that_are_kept(alice: User, signed_in: SignedIn, there: int, expected: str) -> None:
    """T30: options that eve asked for before, by the thousand, add no thousand passkeys."""
    stored_passkeys(alice, [""])
    client = signed_in(alice)
    made = Authenticator().create(ask(client, "register-options"))
    stored_passkeys(alice, [""] * (there - 1))
    assert outcome(answer(client, "register", made)) == expected
    assert Passkey.objects.count() == there + (expected == "201")


def test_rows_that_are_there_stay(full: User, signed_in: SignedIn) -> None:
    """S3.4: what an import brought is listed, excluded and signalled whole, and can be deleted."""
    stored_passkeys(full, ["imported"] * 50)
    client = signed_in(full)
    assert len(client.get(PANEL, headers={"Accept": "application/json"}).json()["passkeys"]) == 150
    synced = client.get(reverse("otp_passkeys:sync")).json()
    assert len(synced["allAcceptedCredentialIds"]) == 150
    assert len(ask(client, "authenticate-options")["allowCredentials"]) == 150
    page = client.get(PANEL).content.decode()
    assert FULL in page
    url = reverse("otp_passkeys:delete", args=[Passkey.objects.latest("pk").pk])
    assert client.post(url).status_code == 302
    assert Passkey.objects.count() == 149


def panel(client: Client) -> str:
    """Return the page of the panel."""
    return client.get(PANEL).content.decode()


def tag(client: Client) -> str:
    """Return the panel inside a page of the site."""
    request = client.get(PANEL).wsgi_request
    source = "{% load otp_passkeys %}{% passkey_panel %}"
    return str(engines["django"].from_string(source).render(request=request))


@pytest.mark.parametrize("shown", [panel, tag])
def test_panel_says_what_to_do(
    full: User, signed_in: SignedIn, shown: Callable[[Client], str]
) -> None:
    """S3.4: the list, which is read anew after a deletion, says what to do; no button fails silently beside it."""
    client = signed_in(full)
    page = shown(client)
    assert FULL in page.partition("<div data-list data-full>")[2]
    Passkey.objects.latest("pk").delete()
    page = shown(client)
    assert FULL not in page
    assert "data-full" not in page
    assert "data-add" in page


def test_form_that_is_refused(alice: User, signed_in: SignedIn) -> None:
    """S3.4: where a form finishes a registration, the panel says what to do as well."""
    stored_passkeys(alice, [""])
    client = signed_in(alice)
    made = Authenticator().create(ask(client, "register-options"))
    stored_passkeys(alice, [""] * 199)
    response = client.post(reverse("otp_passkeys:register"), {"credential": json.dumps(made)})
    assert response.status_code == 409
    assert response.content.decode().count(FULL) == 2  # as the news, and above the list
