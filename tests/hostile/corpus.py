"""The whole corpus: one module for each idea."""

from types import ModuleType

from . import (
    authenticator_data,
    cbor,
    client_data,
    client_data_json,
    counts,
    extensions,
    flags,
    ids,
    json_shapes,
    json_text,
    keys,
    other_keys,
    signatures,
    statements,
    user_handles,
    weak_keys,
    wire,
)
from .case import Case

MODULES: list[ModuleType] = [
    client_data, client_data_json, authenticator_data, flags, counts, ids, user_handles, cbor,
    extensions, keys, other_keys, weak_keys, signatures, statements, json_shapes, json_text, wire,
]  # fmt: skip


def idea(module: ModuleType) -> str:
    """Return the name of a module of the corpus."""
    return module.__name__.rpartition(".")[2]


def _gather(ceremony: str) -> dict[str, list[Case]]:
    return {
        idea(module): list(getattr(module, ceremony)())
        for module in MODULES
        if hasattr(module, ceremony)
    }


REGISTRATIONS = _gather("registrations")
SIGN_INS = _gather("sign_ins")
