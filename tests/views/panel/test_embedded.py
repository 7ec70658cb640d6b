"""The panel inside a page of the site: what it leads to leads back there."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.http import urlencode

from otp_passkeys.models import Passkey

from ...conftest import PASSWORD
from ...helpers.reauthentication import PAGE, asks, give, grow_old
from ...helpers.rows import stored_passkey
from ...helpers.steps import SignedIn
from ...helpers.targets import HARMFUL
from ...helpers.templates import render

HOME = "/embedded/?tab=2"
NEWS = "#otp-passkeys-news"
CARRY = f"?{urlencode({'next': HOME})}"
LIST = "/passkeys/"


@pytest.fixture
def two(alice: User) -> Passkey:
    """Give alice two passkeys, and return the second."""
    stored_passkey(alice)
    return stored_passkey(alice)


@pytest.fixture
def client(alice: User, two: Passkey, signed_in: SignedIn) -> Client:
    """Sign alice in."""
    return signed_in(alice)


def get(client: Client, address: str, **headers: str) -> str:
    """Return a page."""
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def leads(text: str, pk: int) -> set[str]:
    """Return what follows the addresses of a passkey's own pages, in a page."""
    return set(re.findall(rf"{LIST}{pk}/(?:rename|delete)/([^\"]*)\"", text))


def test_carries_the_page(client: Client, two: Passkey) -> None:
    """S1.1: each row says where its panel is, also when the list is read anew; the app's own page says nothing."""
    page = get(client, HOME)
    assert leads(page, two.pk) == {CARRY}
    [list_url] = re.findall(r'list-url="([^"]*)"', page)
    assert list_url == f"{LIST}{CARRY}"
    assert leads(get(client, list_url), two.pk) == {CARRY}
    assert leads(get(client, LIST), two.pk) == {""}
    # What a form sends takes the place of the query of its address.
    assert page.count(f'<input type="hidden" name="next" value="{HOME}">') == 2
    assert 'name="next"' not in get(client, LIST)


def test_part_that_htmx_asks_for(client: Client, two: Passkey) -> None:
    """S1.1: the page is the one around the part, if it is of this site."""
    address = {"HX-Request": "true", "HX-Current-URL": "http://testserver/account/"}
    assert leads(get(client, HOME, **address), two.pk) == {
        "?next=http%3A%2F%2Ftestserver%2Faccount%2F"
    }
    address["HX-Current-URL"] = "https://evil.example/"
    assert leads(get(client, HOME, **address), two.pk) == {CARRY}


@pytest.mark.parametrize("page", ["rename", "delete", "sign-out-elsewhere"])
def test_cancel_leads_back(client: Client, two: Passkey, page: str) -> None:
    """S1.1: so does the page itself, and the form that it posts."""
    address = f"{LIST}{page}/" if page == "sign-out-elsewhere" else f"{LIST}{two.pk}/{page}/"
    text = get(client, address + CARRY)
    assert f'href="{HOME}"' in text
    assert f'action="{address}{CARRY}"' in text
    assert f'href="{LIST}"' in get(client, address)


def test_deletes_after_confirming(client: Client, two: Passkey) -> None:
    """S4.10: confirming stands between, and does not lose the way back."""
    address = f"{LIST}{two.pk}/delete/{CARRY}"
    grow_old(client)
    asked = client.get(address).headers["Location"]
    assert asked == asks(PAGE, address)
    assert give(client, page=asked, password=PASSWORD).headers["Location"] == address
    assert client.post(address).headers["Location"] == HOME + NEWS
    assert not Passkey.objects.filter(pk=two.pk).exists()


def test_renames(client: Client, two: Passkey) -> None:
    """S1.1: a new name, and one that is refused."""
    address = f"{LIST}{two.pk}/rename/{CARRY}"
    assert client.post(address, {"nickname": "Phone"}).headers["Location"] == HOME + NEWS
    refused = client.post(address, {"nickname": "x" * 65}).content.decode()
    assert f'href="{HOME}"' in refused


@pytest.mark.parametrize("target", HARMFUL)
def test_forged_next(client: Client, two: Passkey, target: str) -> None:
    """T17: whoever wrote the address, neither page leads to another site."""
    carry = f"?{urlencode({'next': target})}"
    page = client.get(f"{LIST}{two.pk}/delete/{carry}", secure=True).content.decode()
    assert f'href="{LIST}">Cancel</a>' in page
    response = client.post(f"{LIST}{two.pk}/rename/{carry}", {"nickname": "Phone"}, secure=True)
    assert response.headers["Location"] == LIST + NEWS


@pytest.mark.parametrize(
    ("level", "expected"), [("", 2), (" heading=4", 4), (" heading=9", 2), (" heading=x", 2)]
)
def test_heading(alice: User, request_of: Any, level: str, expected: int) -> None:
    """The site chooses the level of the heading; one that is none is the default."""
    html = render(f"{{% load otp_passkeys %}}{{% passkey_panel{level} %}}", request_of(alice))
    assert f'<h{expected} class="otp-passkeys-title"' in html
    assert f"</h{expected}>" in html
