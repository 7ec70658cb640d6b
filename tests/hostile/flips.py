"""Flipped bits in valid answers, and what it means that two answers are equal.

A flipped answer may be taken only if it is *equal in meaning* to the valid one:

- An assertion: `id`, `rawId`, `type`, `clientDataJSON`, `authenticatorData` and `signature` are the same text. So is
  `userHandle`, or it is not there where the user is known. What else is in the JSON is not signed, and nothing depends
  on it.
- A registration: `id`, `rawId` and `type` are the same text, and the client data has the same type, challenge and
  origin and comes from no frame. With self attestation the client data and the authenticator data are the same bytes.
  Without attestation nothing is signed: what is stored is then what an independent reader finds in the bytes that
  came, for the same RP ID and credential ID, with user presence and verification, and a key of the same kind.
"""

import io
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cbor2

from otp_passkeys.testing import from_base64url, to_base64url

from .parts import AT, Data

UP, UV, BE, BS = 0x01, 0x04, 0x08, 0x10
COORDINATES = {
    1: (-2,),
    2: (-2, -3),
    3: (-1, -2),
    7: (-1,),
}  # by key type: what may differ in a key of the same kind


@dataclass(frozen=True)
class Valid:
    """A valid answer.

    :param name: says which.
    :param answer: what `toJSON()` gave.
    :param verify: returns the record, or raises a refusal.
    :param user_is_known: whether the user handle may be missing.
    """

    name: str
    answer: Mapping[str, Any]
    verify: Callable[[Any], Any]
    user_is_known: bool = False


def flip(data: bytes, dice: random.Random) -> bytes:
    """Flip one bit, or a few."""
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 2, 3, 8))):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def respelt(text: str, dice: random.Random) -> str:
    """Change the last character, of which some bits may mean nothing, or add what a lenient decoder skips."""
    last = dice.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=!. ")
    return text[:-1] + last if dice.random() < 0.7 else text + last


def flipped(answer: Mapping[str, Any], dice: random.Random) -> bytes:
    """Flip bits in the text of an answer, in the bytes of a member, or in how these are spelt, and return the text."""
    signed = ("clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle")
    members = [name for name in signed if name in answer["response"]]
    place = dice.choice(["text", "id", "spelling", *members])
    if place == "text":
        return flip(json.dumps(answer).encode(), dice)
    if place == "id":
        value = to_base64url(flip(from_base64url(answer["id"]), dice))
        return json.dumps({**answer, "id": value, "rawId": value}).encode()
    if place == "spelling":
        place = dice.choice(members)
        value = respelt(answer["response"][place], dice)
    else:
        value = to_base64url(flip(from_base64url(answer["response"][place]), dice))
    return json.dumps({**answer, "response": {**answer["response"], place: value}}).encode()


def same(one: Mapping[str, Any], other: Mapping[str, Any], *names: str) -> bool:
    """Say whether members are the same."""
    return all(one.get(name) == other.get(name) for name in names)


def is_equal(valid: Valid, made: Any, record: Any) -> bool:
    """Say whether an answer that was taken is equal in meaning to the valid one.

    :param made: the parsed answer.
    :param record: what is stored of a registration; unused for an assertion.
    """
    before, after = valid.answer["response"], made["response"]
    if not same(valid.answer, made, "id", "rawId", "type"):
        return False
    if "attestationObject" in before:
        return _is_equal_registration(valid, before, after, record)
    handles = same(before, after, "userHandle") or (
        valid.user_is_known and after.get("userHandle") in (None, "")
    )
    return handles and same(before, after, "clientDataJSON", "authenticatorData", "signature")


def _is_equal_registration(
    valid: Valid, before: Mapping[str, Any], after: Mapping[str, Any], record: Any
) -> bool:
    client = [json.loads(from_base64url(each["clientDataJSON"])) for each in (before, after)]
    if not same(*client, "type", "challenge", "origin"):
        return False
    if client[1].get("crossOrigin") or client[1].get("topOrigin"):
        return False
    objects = [cbor2.loads(from_base64url(each["attestationObject"])) for each in (before, after)]
    if not same(*objects, "fmt", "attStmt"):
        return False
    if objects[0]["fmt"] != "none":
        return same(*objects, "authData") and same(before, after, "clientDataJSON")
    return _is_read_right(
        Data.read(objects[0]["authData"]), Data.read(objects[1]["authData"]), record
    )


def _is_read_right(before: Data, after: Data, record: Any) -> bool:
    """Compare a record with what an independent reader finds in the bytes it came from."""
    old, new, stored = (first_item(each) for each in (before.key, after.key, record.public_key))
    fixed = {label: value for label, value in old.items() if label not in COORDINATES[old[1]]}
    return (
        after.rp_id_hash == before.rp_id_hash
        and after.credential_id == before.credential_id == bytes(record.credential_id)
        and after.flags & (AT | UP | UV) == AT | UP | UV
        and after.aaguid.hex() == record.aaguid.replace("-", "")
        and int.from_bytes(after.sign_count, "big") == record.sign_count
        and bool(after.flags & BE) == record.backup_eligible
        and bool(after.flags & BS) == record.backup_state
        and new == stored
        and old.keys() == new.keys()
        and all(new[label] == value for label, value in fixed.items())
    )


def first_item(data: Any) -> dict[Any, Any]:
    """Return the CBOR map at the beginning of bytes."""
    item: dict[Any, Any] = cbor2.CBORDecoder(io.BytesIO(bytes(data))).decode()
    return item
