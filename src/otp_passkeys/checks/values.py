"""System checks of settings, each by itself: their names, and values that would fail or be weaker than meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.utils.module_loading import import_string

from ..conf import WAYS, Settings, conf
from ..policy import Policy

_PREFIX = "OTP_PASSKEYS_"
_CALLABLES = ("OTP_PASSKEYS_RELYING_PARTY", "OTP_PASSKEYS_THROTTLE")
_SWITCHES = {"OTP_PASSKEYS_NOTIFY": (), "OTP_PASSKEYS_REMEMBER_ACCOUNTS": ("masked",)}
# Former names of settings, and where what they said is said now.
_MOVED = {
    "OTP_PASSKEYS_MASK_ACCOUNTS": "Set OTP_PASSKEYS_REMEMBER_ACCOUNTS to 'masked' instead.",
    "OTP_PASSKEYS_SIGN_COUNT_MAY_REPEAT": "Override sign_count_may_repeat() in your OTP_PASSKEYS_POLICY instead.",
}


def register() -> None:
    """Register the checks with Django."""
    checks.register(check_names, checks.Tags.security)
    checks.register(check_policy, checks.Tags.security)
    checks.register(check_values, checks.Tags.security)


def check_names(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """Return a warning for each setting that looks like one of ours and is not: nothing would read it."""
    known = {
        name.removeprefix(_PREFIX): name for name in vars(Settings) if name.startswith(_PREFIX)
    }
    return [
        checks.Warning(
            f"There is no setting {name}, so that it does nothing.",
            hint=_MOVED.get(name) or _nearest(name, known),
            id="otp_passkeys.W005",
        )
        for name in dir(settings)
        if name.startswith("OTP_PASSKEY") and name not in known.values()
    ]


def check_values(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """Return errors for settings that would fail, or be weaker than meant, when they are used."""
    return [*_choices(), *_ages(), *_switches(), *_callables(), *_ways()]


def check_policy(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """Return an error where ``OTP_PASSKEYS_POLICY`` names no policy: every sign-in would fail."""
    named = getattr(settings, "OTP_PASSKEYS_POLICY", Policy)
    found = _found(named)
    if isinstance(found, type) and issubclass(found, Policy):
        return []
    return [
        checks.Error(
            f"OTP_PASSKEYS_POLICY names {named!r}, which is not a policy.",
            hint="Name a subclass of 'otp_passkeys.policy.Policy' by its dotted path.",
            id="otp_passkeys.E013",
        )
    ]


def _nearest(name: str, known: dict[str, str]) -> str:
    remainder = name.removeprefix("OTP_PASSKEYS_").removeprefix("OTP_PASSKEY_")
    near = get_close_matches(remainder, known, n=1)
    return f"Did you mean {known[near[0]]}?" if near else "Remove it, or look up its name."


def _choices() -> Iterator[checks.CheckMessage]:
    verification = conf.OTP_PASSKEYS_USER_VERIFICATION
    if verification not in ("required", "always", "preferred"):
        yield checks.Error(
            f"OTP_PASSKEYS_USER_VERIFICATION is {verification!r}.",
            hint="Set it to 'required', 'always' or 'preferred'.",
            id="otp_passkeys.E010",
        )
    signals = conf.OTP_PASSKEYS_SIGNALS
    if not (signals is None or isinstance(signals, bool) or signals == "no-unknown"):
        yield checks.Error(
            f"OTP_PASSKEYS_SIGNALS is {signals!r}.",
            hint="Set it to True, False or 'no-unknown', or leave it out.",
            id="otp_passkeys.E012",
        )


def _ages() -> Iterator[checks.CheckMessage]:
    ages = {
        "OTP_PASSKEYS_CHALLENGE_MAX_AGE": conf.OTP_PASSKEYS_CHALLENGE_MAX_AGE,
        "OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE": conf.OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE,
    }
    for name, age in ages.items():
        if type(age) is not int:
            yield checks.Error(
                f"{name} is {age!r}, which is not a whole number.",
                hint="Set it to a number of seconds, without quotation marks, or leave it out.",
                id="otp_passkeys.E014",
            )
        elif age < 1:
            once = "To ask before each action, write once=True at the view."
            yield checks.Error(
                f"{name} is {age!r}, so that nothing is ever young enough.",
                hint=f"Set it to at least 1 second, or leave it out.{f' {once}' if 'REAUTH' in name else ''}",
                id="otp_passkeys.E015",
            )


def _switches() -> Iterator[checks.CheckMessage]:
    for name, others in _SWITCHES.items():
        value = getattr(conf, name)
        if not isinstance(value, bool) and value not in others:
            other = "".join(f", or to {one!r}" for one in others)
            yield checks.Error(
                f"{name} is {value!r}, which counts as {bool(value)}.",
                hint=f"Set it to True or False, without quotation marks{other}, or leave it out.",
                id="otp_passkeys.E018",
            )


def _callables() -> Iterator[checks.CheckMessage]:
    for name in _CALLABLES:
        named = getattr(settings, name, None)
        if named is not None and not callable(_found(named)):
            yield checks.Error(
                f"{name} is {named!r}, which is not callable, or cannot be imported.",
                hint="Set it to a function or to its dotted path, such as 'site.passkeys.function', or leave it out.",
                id="otp_passkeys.E017",
            )


def _ways() -> Iterator[checks.CheckMessage]:
    ways: Any = conf.OTP_PASSKEYS_REAUTHENTICATION_WAYS
    if not isinstance(ways, list | tuple) or not ways:
        yield checks.Error(
            f"OTP_PASSKEYS_REAUTHENTICATION_WAYS is {ways!r}, which is not a list of ways.",
            hint=f"Set it to a list of dotted paths, such as {[WAYS[0]]!r}.",
            id="otp_passkeys.E011",
        )
        return
    for path in ways:
        way = _found(path) if isinstance(path, str) else None
        if not all(hasattr(way, member) for member in ("of", "prove")):
            yield checks.Error(
                f"OTP_PASSKEYS_REAUTHENTICATION_WAYS names {path!r}, which is not a way to confirm who a user is.",
                hint="Name a subclass of 'otp_passkeys.actions.ways.Way' by its dotted path.",
                id="otp_passkeys.E011",
            )


def _found(named: Any) -> Any:
    """Return what a setting names by a dotted path, or None if it cannot be imported."""
    if not isinstance(named, str):
        return named
    # Such as ".limits.function", for which Python has other errors than ImportError.
    if not all(map(str.isidentifier, named.split("."))):
        return None
    try:
        return import_string(named)
    except ImportError:
        return None
