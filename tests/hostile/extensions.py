"""Extension data (WebAuthn L3 §9.5) that is no map, or a map that must not be decoded; signed properly."""

from collections.abc import Callable, Iterator

from .case import Case
from .cbor import HOSTILE, OTHER
from .parts import ED, Parts

SHAPE = "authenticator data has a foreign shape"
# cbor2 finds these when py_webauthn decodes the map.
BY_LIBRARY = {
    "text that is not UTF-8", "text of half a surrogate", "map with a key twice",
}  # fmt: skip


def extended(extensions: bytes) -> Callable[[Parts], object]:
    """Add extension data."""
    return lambda parts: parts.make(
        data=parts.data.but(flags=parts.data.flags | ED, extensions=extensions)
    )


def cases() -> Iterator[Case]:
    """Yield what is wrong in either ceremony."""
    for name, item in {**HOSTILE, **OTHER}.items():
        reason = "Duplicate map key" if name == "map with a key twice" else SHAPE
        yield Case(f"{name} in their place", extended(item), reason)
    for name, item in HOSTILE.items():
        reason = "Could not decode CBOR data" if name in BY_LIBRARY else SHAPE
        made = b"\xa1\x68credBlob" + item
        yield Case(f"{name} as an output", extended(made), reason)
    for name, tail in {"a byte": b"\0", "another map": b"\xa0", "a kilobyte": bytes(1024)}.items():
        made = b"\xa1\x68credBlob\xf5" + tail
        yield Case(f"followed by {name}", extended(made), SHAPE)
    # A float of two bytes is written anew with eight, so that the library takes what follows for its rest.
    made = b"\xa1\x68credBlob\xf9\x3e\x00" + b"hidden"
    yield Case("bytes behind a short float", extended(made), SHAPE)


registrations = sign_ins = cases
