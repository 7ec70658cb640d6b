"""Text that no answer, database or hash can hold: it is read in UTF-8 or not at all, wherever it comes from."""

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey

from ...conftest import PASSWORD
from ...helpers.reauthentication import totp_of
from ...helpers.rows import stored_passkey
from ...helpers.steps import SignedIn, is_signed_in
from ...sampling import taking_turns
from ..requests import (
    FORM,
    GETTING,
    JSON,
    MULTIPART,
    OPTIONS,
    POSTING,
    Untouched,
    announce,
    code_of,
    part,
    path_of,
    post,
    state,
)

HALF = "\ud800"  # of a surrogate pair
# Django takes each of them for what it is; the first three make halves of pairs out of ASCII.
CODECS = [
    "raw_unicode_escape", "unicode_escape", "utf-7", "utf-16", "utf-32-le", "utf-8-sig", "latin-1",
    "cp1252",
]  # fmt: skip
QUERY = "next=%5Cud800&account=%2B2AA-&way=%5Cud800&added=%2B2AA-&%5Cud800=1&deleted=%5Cud800"


@pytest.mark.in_turn
@pytest.mark.parametrize("name", POSTING)
def test_another_encoding_is_refused(alice: User, owner: Client, name: str) -> None:
    """T12, T14: 415 before anything is read, without a token too, for forms and JSON."""
    before, visitor = state(alice), Client(enforce_csrf_checks=True)
    kinds = [
        *taking_turns(CODECS, [FORM, JSON, MULTIPART]),
        *taking_turns(["", "nonsense"], [FORM, MULTIPART]),
    ]
    for charset, kind in kinds:
        content_type = f'{kind}; charset="{charset}"'
        for browser in (owner, visitor):
            response = announce(browser, name, content_type, Untouched(), 10)
            turned_away = name == "register" and browser is visitor
            assert response.status_code == (
                (401 if kind == JSON else 302) if turned_away else 415
            ), content_type
    assert state(alice) == before
    words = b"Send a form or JSON, in UTF-8."
    assert words in announce(owner, name, content_type, Untouched(), 10).content


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf8", "U8", '"utf-8"', "cp65001"])
@pytest.mark.parametrize("kind", [FORM, MULTIPART])
def test_utf_8_by_any_name(db: None, kind: str, charset: str) -> None:
    """What is in UTF-8 is taken, however that is spelled."""
    User.objects.create_user("zoë", password="é" * 10)
    fields = {"username": "zoë", "password": "é" * 10}
    data = "&".join(f"{key}={value}" for key, value in fields.items()).encode()
    if kind == MULTIPART:
        parts = [part(key, value.encode()) for key, value in fields.items()]
        data = b"".join(one.removesuffix(b"--x--\r\n") for one in parts) + b"--x--\r\n"
    client = Client()
    assert post(client, "sign-in", data, f"{kind}; charset={charset}").status_code == 302
    assert is_signed_in(client)


@pytest.mark.in_turn
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("name", GETTING)
def test_get_has_no_encoding(owner: Client, name: str, method: str) -> None:
    """T14: what a GET says of its body is ignored, and so its query is in UTF-8 for users and visitors."""
    for browser in (owner, Client()):
        usual = browser.generic(method, f"{path_of(name)}?{QUERY}", secure=True)
        for charset, kind in taking_turns(CODECS, [FORM, MULTIPART, "text/plain"]):
            content_type = f"{kind}; charset={charset}"
            response = browser.generic(
                method, f"{path_of(name)}?{QUERY}", b"", content_type, secure=True,
                CONTENT_TYPE=content_type,
            )  # fmt: skip
            assert response.status_code == usual.status_code < 500
            assert response.headers.get("Location") == usual.headers.get("Location")


@pytest.mark.parametrize("name", POSTING)
def test_the_query_of_a_post(alice: User, signed_in: SignedIn, name: str) -> None:
    """T14: the query beside a body is in UTF-8 as well."""
    for kind, data in ((FORM, b"a=b"), (MULTIPART, part("a", b"b")), (JSON, b"{}")):
        Passkey.objects.all().delete()
        stored_passkey(alice)
        alice.refresh_from_db()
        for browser in (Client(), signed_in(alice)):
            target = f"{path_of(name)}?{QUERY}&x=%ED%A0%80"
            response = browser.generic("POST", target, data, kind, secure=True)
            assert response.status_code < 500, kind


@pytest.mark.parametrize("name", POSTING)
def test_half_a_pair_in_json(alice: User, owner: Client, name: str) -> None:
    """T14: text that UTF-8 cannot say is 400, as a member, in one, or as its name; nothing is changed."""
    totp_of(alice)
    before, visitor = state(alice), Client()
    usual = owner.post(path_of(name), {}, content_type=JSON, secure=True).status_code
    if name in ("delete", "sign-in"):  # which read no JSON
        assert usual < 500
        return
    for members in (
        {"password": HALF},
        {"token": HALF},
        {"way": "password", "password": HALF},
        {"way": alice.totpdevice_set.get().persistent_id, "token": HALF},
        {"way": HALF},
        {"account": HALF},
        {"sign_out": HALF},
        {"verification": HALF},
        {"upgrade": HALF},
        {HALF: "x"},
        {"x": ["x", {"y": [HALF]}]},
        {"x": {HALF: 1}},
        {"password": "x\udfff\ud800x"},
    ):
        for browser in (owner, visitor):
            response = browser.post(path_of(name), members, content_type=JSON, secure=True)
            if browser is owner:
                assert response.status_code == (200 if name in OPTIONS else 400), members
                assert code_of(response) == ("" if name in OPTIONS else "malformed_request")
            assert response.status_code < 500
    assert state(alice) == before


@pytest.mark.parametrize("name", ["register", "authenticate", "rename", "forget"])
def test_half_a_pair_where_there_is_a_rule(alice: User, owner: Client, name: str) -> None:
    """T14: a nickname, an address to go to and a credential are judged by their own rules."""
    for member in ("nickname", "next", "credential"):
        for value in (HALF, [HALF], {"id": HALF}, {"id": HALF, "response": {HALF: HALF}}):
            response = owner.post(path_of(name), {member: value}, content_type=JSON, secure=True)
            assert response.status_code < 500, (member, value)
    expected = {"register": 400, "authenticate": 400, "rename": 422, "forget": 302}[name]
    members = {"nickname": HALF} if name in ("register", "rename") else {"next": HALF}
    response = owner.post(path_of(name), members, content_type=JSON, secure=True)
    assert response.status_code == expected
    assert Passkey.objects.get().nickname == ""


def test_a_whole_pair_is_text(alice: User, signed_in: SignedIn) -> None:
    """Two escapes that make one character are that character."""
    passkey = stored_passkey(alice)
    body = json.dumps({"nickname": "\N{GRINNING FACE}", "x": "\N{GRINNING FACE}"}).encode()
    assert rb"\ud83d\ude00" in body
    assert post(signed_in(alice), "rename", body, JSON).status_code == 200
    passkey.refresh_from_db()
    assert passkey.nickname == "\N{GRINNING FACE}"


@pytest.mark.parametrize("name", POSTING)
def test_odd_fields(alice: User, owner: Client, name: str) -> None:
    """T14: fields, their names and files that are not UTF-8, with NUL or in an encoding of their own: no 5xx."""
    escaped = b"%5Cud800 %ED%A0%80 %ff%fe %00 \\ud800".replace(b" ", b"")
    names = ["password", "token", "username", "nickname", "next", "way", "account", "csrfmiddlewaretoken"]  # fmt: skip
    bodies = [(FORM, b"&".join(one.encode() + b"=" + escaped for one in names) + b"&" + escaped)]
    for more, headers in (
        ("; filename=x", ""),
        ("; filename*=raw_unicode_escape''%5Cud800", ""),
        ("; name*=raw_unicode_escape''%5Cud800", ""),
        ("; name*=utf-7''+2AA-", ""),
        ("; name*=nonsense''x", ""),
        ("", "Content-Type: text/plain; charset=raw_unicode_escape\r\n"),
        ("", "Content-Transfer-Encoding: base64\r\n"),
        ("", "Content-Type: text/plain; charset*=nonsense''x\r\n"),
    ):
        content = b"\xff\xfe\0\\ud800+2AA-"
        parts = [part(one, content, more=more, headers=headers) for one in names]
        bodies.append((MULTIPART, b"".join(one.removesuffix(b"--x--\r\n") for one in parts)))
    if name == "delete":  # it reads none of them
        bodies = []
    for content_type, data in bodies:
        for browser in (Client(), owner):
            assert post(browser, name, data, content_type).status_code < 500, data
    assert owner.get("/passkeys/", secure=True).status_code in (200, 302)


def test_the_password_of_a_script(alice: User, owner: Client) -> None:
    """What is text is judged as ever."""
    body = json.dumps({"way": "password", "password": PASSWORD, "x": "é"}).encode()
    assert post(owner, "reauthenticate", body, JSON).status_code == 200
