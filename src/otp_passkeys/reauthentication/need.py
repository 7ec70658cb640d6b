"""What a site asks of a session before something sensitive."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Need:
    """What is asked of a session before something sensitive.

    :param max_age: whole seconds, one at least; default: ``OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE``.
    :param method: ``"passkey"`` for a passkey with user verification; None for any way.
    :param second_factor: whether a user who has a second factor must have used it in this session.
    :param once: whether a request that may change something uses the marker up.
    :raises ValueError: if the age or the method is another.
    """

    max_age: int | None = None
    method: str | None = None
    second_factor: bool = False
    once: bool = False

    def __post_init__(self) -> None:
        if self.method not in {None, "passkey"}:
            raise ValueError(f"method must be None or 'passkey', not {self.method!r}")
        # No proof is younger than it can be used, so 0 would ask again and again.
        if self.max_age is not None and not _is_age(self.max_age):
            raise ValueError(
                f"max_age must be a whole number of seconds and at least 1, not {self.max_age!r}; "
                "to ask before each action, write once=True"
            )

    @property
    def page(self) -> str:
        """The name of the page where it can be met."""
        if self.method == "passkey":
            return "reauthenticate-passkey"
        return "reauthenticate"


def _is_age(value: object) -> bool:
    """Say whether a value is a maximum age: a whole number of seconds, one at least."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
