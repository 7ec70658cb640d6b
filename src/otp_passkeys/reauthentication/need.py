"""What a site asks of a session before something sensitive."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Need:
    """What is asked of a session before something sensitive.

    :param max_age: seconds; default: ``OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE``.
    :param method: ``"passkey"`` for a passkey with user verification; None for any way.
    :param second_factor: whether a user who has a second factor must have used it in this session.
    :param once: whether a request that may change something uses the marker up.
    """

    max_age: int | None = None
    method: str | None = None
    second_factor: bool = False
    once: bool = False

    def __post_init__(self) -> None:
        if self.method not in {None, "passkey"}:
            raise ValueError(f"method must be None or 'passkey', not {self.method!r}")

    @property
    def page(self) -> str:
        """The name of the page where it can be met."""
        if self.method == "passkey":
            return "reauthenticate-passkey"
        return "reauthenticate"
