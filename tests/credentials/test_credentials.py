"""What a browser sent is read strictly, before the library sees it."""

import json
import time
from typing import Any

import pytest

from otp_passkeys import credentials
from otp_passkeys.credentials import ReceivedCredential
from otp_passkeys.exceptions import MalformedRequest, VerificationFailed
from otp_passkeys.testing import to_base64url

CHALLENGE = to_base64url(bytes(75))
BOM = b"\xef\xbb\xbf"


def client_data(data: bytes | None = None, **members: Any) -> dict[str, Any]:
    """Return a credential with client data: the given bytes, or the members as JSON."""
    if data is None:
        data = json.dumps({"challenge": CHALLENGE, **members}).encode()
    return {"response": {"clientDataJSON": to_base64url(data)}}


def an_answer(response: dict[str, Any] | None = None, **credential: Any) -> ReceivedCredential:
    """Return an answer with these members, as if its challenge had been read."""
    return ReceivedCredential({**credential, "response": response or {}}, {}, b"")


def test_reads_the_challenge() -> None:
    """The challenge that comes back is the one that was signed, and the client data is parsed."""
    answer = credentials.read_credential(client_data(crossOrigin=False))
    assert answer.challenge == bytes(75)
    assert answer.client_data == {"challenge": CHALLENGE, "crossOrigin": False}


def test_strips_a_byte_order_mark() -> None:
    """A byte order mark is no fault (SECURITY.md, step 5)."""
    data = BOM + json.dumps({"challenge": CHALLENGE}).encode()
    assert credentials.read_credential(client_data(data)).challenge == bytes(75)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-32-be"])
def test_refuses_other_encodings(encoding: str) -> None:
    """UTF-16 and UTF-32 are not UTF-8, whatever json.loads makes of them (SECURITY.md, step 5)."""
    data = json.dumps({"challenge": CHALLENGE}).encode(encoding)
    assert json.loads(data)  # the library would take it
    with pytest.raises(MalformedRequest):
        credentials.read_credential(client_data(data))


@pytest.mark.parametrize(
    "credential",
    [
        None,
        5,
        "text",
        [],
        {},
        {"response": None},
        {"response": []},
        {"response": {}},
        {"response": {"clientDataJSON": None}},
        {"response": {"clientDataJSON": 5}},
        {"response": {"clientDataJSON": ["e30"]}},
        {"response": {"clientDataJSON": "\ud800"}},
        {"response": {"clientDataJSON": "no base64!"}},
        client_data(b""),
        client_data(b"\xff\xfe"),
        client_data(b"{"),
        client_data(b"null"),
        client_data(b"[]"),
        client_data(b'"challenge"'),
        client_data(b"{}"),
        client_data(b'{"challenge": null}'),
        client_data(b'{"challenge": 5}'),
        client_data(b'{"challenge": {}}'),
        client_data(b"[" * 100_000),
        client_data(b'{"a":' * 100_000),
        client_data(b'{"a": ' + b"9" * 5000 + b"}"),
    ],
)
def test_refuses_what_names_no_challenge(credential: object) -> None:
    """Whatever no challenge can be read from is malformed, and quickly so (T12)."""
    began = time.process_time()  # a busy machine is no hang
    with pytest.raises(MalformedRequest):
        credentials.read_credential(credential)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "challenge",
    [
        CHALLENGE + "=",
        CHALLENGE[:10] + "!" + CHALLENGE[10:],
        CHALLENGE[:10] + "\n" + CHALLENGE[10:],
        "A",
        "AB",  # stray bits: "AA" stands for the same byte
        to_base64url(b"\xff\xff\xff").replace("_", "/"),
        "é",
    ],
)
def test_takes_one_spelling_of_a_challenge(challenge: str) -> None:
    """Python's decoder skips foreign characters; one value has one spelling (step 8)."""
    with pytest.raises(MalformedRequest):
        credentials.read_credential(client_data(challenge=challenge))


@pytest.mark.parametrize("length", [1, 16, 1022, 1023])
def test_takes_credential_ids_up_to_1023_bytes(length: int) -> None:
    """All lengths of the specification are taken (step 25)."""
    text = to_base64url(bytes(length))
    assert credentials.credential_id(an_answer(id=text, rawId=text)) == bytes(length)


@pytest.mark.parametrize(
    ("named", "raw"),
    [
        (to_base64url(bytes(1024)),) * 2, ("", ""), (None, None), (5, 5), (["AAAA"], ["AAAA"]),
        ("AAA", "AAA"[:2]), ("AAAA", "AAAB"), ("AAAA", None), ("AAAA=", "AAAA="),
        ("AA AA", "AA AA"), ("AAAB\n", "AAAB\n"), ("\ud800", "\ud800"),
    ],
)  # fmt: skip
def test_refuses_other_credential_ids(named: object, raw: object) -> None:
    """None, too long, misspelt, or two that differ: refused (step 25; T8)."""
    with pytest.raises(VerificationFailed):
        credentials.credential_id(an_answer(id=named, rawId=raw))


def test_refuses_a_missing_credential_id() -> None:
    """An answer without an ID is refused, not a KeyError."""
    with pytest.raises(VerificationFailed):
        credentials.credential_id(an_answer())


@pytest.mark.parametrize("response", [{}, {"userHandle": None}, {"userHandle": ""}])
def test_reads_no_user_handle(response: dict[str, Any]) -> None:
    """Browsers report a handle that they do not know in three ways (L3 §7.2 step 6)."""
    assert credentials.user_handle(an_answer(response)) is None


def test_reads_a_user_handle() -> None:
    """A handle is decoded."""
    assert credentials.user_handle(an_answer({"userHandle": "AAEC"})) == b"\x00\x01\x02"


@pytest.mark.parametrize("handle", ["A", "AAEC=", "AB", "!", "\ud800", 5, ["AAEC"], {"a": 1}])
def test_refuses_an_undecodable_user_handle(handle: object) -> None:
    """An undecodable handle is refused, not raised by the decoder (SECURITY.md, step 6)."""
    with pytest.raises(VerificationFailed):
        credentials.user_handle(an_answer({"userHandle": handle}))


@pytest.mark.parametrize("value", [None, 5, ["AAEC"], "A", "AAEC="])
@pytest.mark.parametrize("name", ["signature", "authenticatorData"])
def test_refuses_a_member_that_is_no_base64url(name: str, value: object) -> None:
    """What should be bytes is refused where it is not (T12)."""
    with pytest.raises(VerificationFailed):
        credentials.member(an_answer({name: value}), name)


def test_keeps_unknown_transports() -> None:
    """Transports that nobody knows yet are stored too (step 27)."""
    answer = an_answer({"transports": ["usb", "teleport-2", "usb", "hybrid"]})
    assert credentials.transports(answer) == ["hybrid", "teleport-2", "usb"]


@pytest.mark.parametrize(
    "value",
    [
        None,
        "usb",
        {"usb": 1},
        [None, 5, ["usb"], {}],
        ["", "USB", "a b", "a\n", "x" * 33, "é", "<"],
    ],
)
def test_drops_what_is_no_transport(value: object) -> None:
    """Their kind and length are bounded, and odd ones do no harm (step 27)."""
    assert credentials.transports(an_answer({"transports": value})) == []


def test_bounds_the_number_of_transports() -> None:
    """A thousand transports are not stored (step 27)."""
    answer = an_answer({"transports": [f"t{number}" for number in range(1000)]})
    assert len(credentials.transports(answer)) == 8


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ({"credProps": {"rk": True}}, True), ({"credProps": {"rk": False}}, False),
        ({"credProps": {"rk": 1}}, None), ({"credProps": {}}, None), ({"credProps": []}, None),
        ({}, None), ([], None), (5, None), (None, None),
    ],
)  # fmt: skip
def test_reads_whether_a_passkey_is_discoverable(results: object, expected: bool | None) -> None:
    """Client extension results of any shape do no harm (step 4)."""
    assert credentials.discoverable(an_answer(clientExtensionResults=results)) is expected


def test_shows_nothing_secret() -> None:
    """No credential nor challenge is in the text of an answer, which may end in a log (T24)."""
    assert repr(credentials.read_credential(client_data())) == "ReceivedCredential()"
