"""Valid answers that few browsers send: each must be taken, because the specification allows it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from otp_passkeys.testing import EDDSA, ML_DSA_44, RS256, to_base64url

from .parts import ED, OMIT, Parts, attestation_object, changed, sign
from .signatures import ORDER

Make = Callable[[Parts], object]


@dataclass(frozen=True)
class Unusual:
    """A valid answer.

    :param make: takes what an honest authenticator made.
    :param behaviour: how the passkey is made.
    :param confirms: whether it needs a user who is signed in.
    """

    make: Make = lambda parts: dict(parts.answer)
    behaviour: Mapping[str, Any] = field(default_factory=dict)
    confirms: bool = False


def with_text(change: Callable[[str], str]) -> Make:
    """Change the client data as text."""
    return lambda parts: parts.make(client_data=change(parts.client_data_json.decode()).encode())


def with_member(value: str, name: str = "a") -> Make:
    """Add a member to the client data, as text."""
    return with_text(lambda text: text[:-1] + f',"{name}":{value}}}')


def with_client_data(**changes: Any) -> Make:
    """Change members of the client data."""
    return lambda parts: parts.make(client_data=changed(parts.client_data, changes))


def with_count(count: int) -> Make:
    """Send a count."""
    return lambda parts: parts.make(data=parts.data.but(sign_count=count.to_bytes(4, "big")))


def with_extensions(extensions: object) -> Make:
    """Add extension data."""
    encoded = extensions if isinstance(extensions, bytes) else cbor2.dumps(extensions)
    return lambda parts: parts.make(
        data=parts.data.but(flags=parts.data.flags | ED, extensions=encoded)
    )


def with_flags(bits: int) -> Make:
    """Flip flags."""
    return lambda parts: parts.make(data=parts.data.but(flags=parts.data.flags ^ bits))


def with_response(**changes: Any) -> Make:
    """Change members of the response."""
    return lambda parts: parts.make(response=changes)


def with_credential(**changes: Any) -> Make:
    """Change members of the credential."""
    return lambda parts: parts.make(**changes)


def other_s(low: bool) -> Make:
    """Choose between the two values of s that verify alike."""

    def make(parts: Parts) -> object:
        r, s = decode_dss_signature(sign(parts.credential.private_key, parts.message()))
        s = min(s, ORDER - s) if low else max(s, ORDER - s)
        return parts.make(response={"signature": to_base64url(encode_dss_signature(r, s))})

    return make


def reordered(parts: Parts) -> object:
    """Write all members in another order."""
    made = parts.make()
    response = dict(reversed(list(made["response"].items())))
    return dict(reversed(list({**made, "response": response}.items())))


def nested(depth: int) -> Any:
    """Return objects in objects."""
    value: Any = "x"
    for _ in range(depth):
        value = {"a": [value]}
    return value


EITHER: dict[str, Make] = {
    "byte order mark": lambda parts: parts.make(client_data=b"\xef\xbb\xbf" + parts.client_data_json),
    "white space around": with_text(lambda text: f" \n\t{text}\r\n"),
    "indented": with_text(lambda text: json.dumps(json.loads(text), indent=4)),
    "members in another order": with_text(lambda text: json.dumps(dict(reversed(json.loads(text).items())))),
    "unknown member": with_member('"clientDataJSON may be extended"', "extraData"),
    "unknown object": with_client_data(future={"a": [1, None, True]}),
    "unknown member, deep": with_client_data(future=nested(50)),
    "member of 4000 digits": with_member("7" * 4000),
    "member beyond any float": with_member("1e400"),
    "member without a name": with_member("0", ""),
    "escaped NUL": with_member('"\\u0000"'),
    "escaped half of a surrogate": with_member('"\\ud800"'),
    "emoji": with_member('"🔑"'),
    "escaped name": with_text(lambda text: text.replace('"type"', '"\\u0074ype"')),
    "escaped slashes": with_text(lambda text: text.replace("/", "\\/")),
    "escaped challenge": with_text(lambda text: text.replace('"challenge":"A', '"challenge":"\\u0041')),
    "second type, the last right": with_text(lambda text: '{"type":"x",' + text[1:]),
    "crossOrigin missing": with_client_data(crossOrigin=OMIT),
    "topOrigin null": with_client_data(topOrigin=None),
    "tokenBinding supported": with_client_data(tokenBinding={"status": "supported"}),
    "tokenBinding present": with_client_data(tokenBinding={"status": "present", "id": "AAAA"}),
    "tokenBinding as text": with_client_data(tokenBinding="unused"),
    "credProtect": with_extensions({"credProtect": 2}),
    "empty extensions": with_extensions({}),
    "unknown extensions": with_extensions({"example": {"a": [1, b"x", None, False]}, "ü": "é"}),
    "nested extensions": with_extensions({"a": [[[{"b": [[1]]}]]]}),
    "extension of 10 kB": with_extensions({"largeBlob": bytes(10_000)}),
    "extension of a float": with_extensions({"a": 1.1}),
    "extension of a short float": with_extensions(b"\xa1aa\xf9\x3e\x00"),
    "extension with numbers as keys": with_extensions({"uvm": {1: 2, -1: 3}}),
    "reserved flag 1": with_flags(0x02),
    "reserved flag 2": with_flags(0x20),
    "both reserved flags": with_flags(0x22),
    "backup state turned": with_flags(0x10),
    "results missing": with_credential(clientExtensionResults=OMIT),
    "results null": with_credential(clientExtensionResults=None),
    "results a list": with_credential(clientExtensionResults=[1, [2]]),
    "results a number": with_credential(clientExtensionResults=5),
    "results a text": with_credential(clientExtensionResults="credProps"),
    "results deep": with_credential(clientExtensionResults=nested(100)),
    "credProps null": with_credential(clientExtensionResults={"credProps": None}),
    "credProps a list": with_credential(clientExtensionResults={"credProps": [True]}),
    "credProps of text": with_credential(clientExtensionResults={"credProps": {"rk": "yes"}}),
    "prf": with_credential(clientExtensionResults={"prf": {"enabled": True, "results": {"first": "AAAA"}}}),
    "attachment missing": with_credential(authenticatorAttachment=OMIT),
    "attachment null": with_credential(authenticatorAttachment=None),
    "attachment unknown": with_credential(authenticatorAttachment="implant"),
    "attachment a list": with_credential(authenticatorAttachment=["platform"]),
    "attachment cross-platform": with_credential(authenticatorAttachment="cross-platform"),
    "unknown members": with_credential(future={"a": 1}, __proto__={"type": "x"}, constructor=5),
    "unknown member of 20 kB": with_credential(future="x" * 20_000),
    "unknown member with NUL and a surrogate": with_credential(future="\0\udfff"),
    "unknown member in the response": with_response(future=nested(20), signatureCounter=5),
    "all in another order": reordered,
    "spread out": lambda parts: json.dumps(parts.make(), indent=8).encode(),
    "not escaped": lambda parts: json.dumps(parts.make(future="ключ 🔑"), ensure_ascii=False).encode(),
    "escaped throughout": lambda parts: parts.text.replace(b'"id"', b'"\\u0069\\u0064"'),
    "second credential type, the last right": lambda parts: b'{"type": 5, ' + json.dumps(parts.make()).encode()[1:],
}  # fmt: skip

PASSKEYS: dict[str, dict[str, Any]] = {
    "RSA": {"algorithm": RS256}, "Ed25519": {"algorithm": EDDSA},
    "ML-DSA": {"algorithm": ML_DSA_44}, "ID of one byte": {"credential_id_length": 1},
    "ID of 16 bytes": {"credential_id_length": 16}, "ID of 1023 bytes": {"credential_id_length": 1023},
    "ID of NULs": {"credential_id": bytes(20)}, "ID of ones": {"credential_id": b"\xff" * 33},
    "count 1": {"counter": 1}, "count 2**31": {"counter": 2**31}, "count near its end": {"counter": 2**32 - 2},
    "bound to the device": {"backup_eligible": False}, "not yet backed up": {"backup_state": False},
    "self attestation": {"attestation": "packed"},
    "self attestation, RSA": {"attestation": "packed", "algorithm": RS256},
    "self attestation, Ed25519": {"attestation": "packed", "algorithm": EDDSA},
    "self attestation, ML-DSA": {"attestation": "packed", "algorithm": ML_DSA_44},
    "known AAGUID": {"aaguid": "fbfc3007-154e-4ecc-8c0b-6e020557d7bd"},
    "AAGUID of ones": {"aaguid": "ffffffff-ffff-ffff-ffff-ffffffffffff"},
}  # fmt: skip

TRANSPORTS: dict[str, Any] = {
    "missing": OMIT, "null": None, "empty": [], "unknown": ["smoke-signal", "usb"], "text": "usb", "object": {},
    "numbers": [1, None, ["usb"]], "a thousand": [f"t{number}" for number in range(1000)], "twice": ["usb", "usb"],
    "upper case": ["USB"], "very long": ["u" * 5000], "NUL": ["\0"],
}  # fmt: skip
REGISTRATIONS: dict[str, Unusual] = {
    **{name: Unusual(make) for name, make in EITHER.items()},
    **{name: Unusual(behaviour=behaviour) for name, behaviour in PASSKEYS.items()},
    "count at its end": Unusual(behaviour={"counter": 2**32 - 1}),
    **{
        f"transports: {name}": Unusual(with_response(transports=value))
        for name, value in TRANSPORTS.items()
    },
    "publicKey missing": Unusual(with_response(publicKey=OMIT, publicKeyAlgorithm=OMIT)),
    "publicKey null": Unusual(with_response(publicKey=None, publicKeyAlgorithm=0)),
    "authenticatorData missing": Unusual(with_response(authenticatorData=OMIT)),
    "authData first": Unusual(
        lambda parts: parts.attested(
            cbor2.dumps({"authData": bytes(parts.data), "fmt": "none", "attStmt": {}})
        )
    ),
    "unknown member in the attestation object": Unusual(
        lambda parts: parts.attested(attestation_object(bytes(parts.data), epAtt=False))
    ),
    "length longer than it needs": Unusual(
        lambda parts: parts.attested(
            attestation_object(bytes(parts.data)).replace(b"authData\x58", b"authData\x59\x00")
        )
    ),
    "key with its labels in another order": Unusual(
        lambda parts: parts.make(
            data=parts.data.but(
                key=cbor2.dumps(dict(reversed(list(cbor2.loads(parts.data.key).items()))))
            )
        )
    ),
}

SIGN_INS: dict[str, Unusual] = {
    **{name: Unusual(make) for name, make in EITHER.items()},
    **{name: Unusual(behaviour=behaviour) for name, behaviour in PASSKEYS.items()},
    "low s": Unusual(other_s(low=True)),
    "high s": Unusual(other_s(low=False)),
    "count to its end": Unusual(
        lambda parts: parts.make(data=parts.data.but(sign_count=b"\xff" * 4))
    ),
    "count 0 after 0": Unusual(lambda parts: parts.make(data=parts.data.but(sign_count=bytes(4))), {"counter": 0}),
    **{f"count {count} after 9, synced": Unusual(with_count(count), {"counter": 9}) for count in (0, 5, 9)},
    **{
        f"user handle {name}, while signed in": Unusual(with_response(userHandle=value), confirms=True)
        for name, value in {"missing": OMIT, "null": None, "empty": ""}.items()
    },
}  # fmt: skip
