"""Every case of the corpus at the real addresses, as form and as JSON, by visitors and by users."""

import logging
from dataclasses import replace

import pytest
from django.contrib.auth.models import User

from ..helpers.steps import SignedIn
from ..sampling import TRIED, is_turn
from .case import Case
from .corpus import REGISTRATIONS, SIGN_INS
from .parts import Parts
from .site import HONEST_EVERY, Site, body_of

pytestmark = pytest.mark.in_turn

CORPUS = {"register": REGISTRATIONS, "authenticate": SIGN_INS}


def ways(name: str, idea: str) -> list[tuple[str, bool]]:
    """Return the ways in which cases are sent: the encoding, and whether a visitor sends it.

    Cases on the wire have an encoding of their own; what a visitor registers is not read in any.
    """
    if idea == "wire":
        return [("own", True), ("own", False)]
    forms = [("form", False)] if name == "register" else [("form", True), ("form", False)]
    return [("json", True), ("json", False), *forms]


def is_sent(case: Case, number: int, name: str, idea: str, way: tuple[str, bool]) -> bool:
    """Say whether a case is sent in a way here: the cases of an idea take turns among its ways."""
    its_own = [one for one in ways(name, idea) if one[1] or not case.visitors_only]
    return way in its_own and is_turn(number, way, its_own)


RUNS = [
    (name, idea, encoding, visitor)
    for name, ideas in CORPUS.items()
    for idea in ideas
    for encoding, visitor in ways(name, idea)
]


@pytest.mark.parametrize(
    ("name", "idea", "encoding", "visitor"),
    RUNS,
    ids=[f"{run[0]}-{run[1]}-{run[2]}-{'visitor' if run[3] else 'user'}" for run in RUNS],
)
def test_refuses(
    alice: User,
    bob: User,
    signed_in: SignedIn,
    caplog: pytest.LogCaptureFixture,
    name: str,
    idea: str,
    encoding: str,
    visitor: bool,
) -> None:
    """A documented 4xx for its own reason within a second; no row, session or count changes (T12 to T14)."""
    caplog.set_level(logging.WARNING, "otp_passkeys")
    # The counts of synced passkeys may fall.
    site = Site(name, alice, bob, signed_in, visitor=visitor, synced=idea != "counts")
    failures = []
    for number, case in enumerate(CORPUS[name][idea], start=1):
        if not is_sent(case, number, name, idea, (encoding, visitor)):
            continue
        try:
            site.attack(case, encoding, caplog)
        except AssertionError as error:
            failures.append(str(error).partition("\n")[0])
            site.before = site.state()
        if number % HONEST_EVERY == 0:
            site.honest()
    site.honest()
    assert failures == [], "\n".join(failures)


def equal(ideas: dict[str, list[Case]], parts: Parts) -> list[tuple[str, str]]:
    """Name the cases that are equal in their bytes, made of one and the same ceremony."""
    seen: dict[object, str] = {}
    pairs = []
    for idea, cases in ideas.items():
        for case in cases:
            request = body_of(case.make(parts), "json")
            key = replace(request, meta=tuple(request.meta.items()))  # type: ignore[arg-type]
            name = f"{idea}: {case.name}"
            if (other := seen.setdefault(key, name)) != name:
                pairs.append((other, name))
    return pairs


@pytest.mark.parametrize(("name", "least"), [("register", 500), ("authenticate", 400)])
def test_is_large(alice: User, bob: User, signed_in: SignedIn, name: str, least: int) -> None:
    """At least 500 registrations and 400 sign-ins, no two of them equal in their bytes."""
    parts = Site(name, alice, bob, signed_in, visitor=False).parts()
    pairs = equal(CORPUS[name], parts)
    assert pairs == [], "\n".join(map(str, pairs))
    assert sum(map(len, CORPUS[name].values())) >= least


@pytest.mark.parametrize("name", CORPUS)
def test_every_case_is_sent(name: str) -> None:
    """The runs above send each case once, and with CORPUS=whole in all of its ways."""
    for idea, cases in CORPUS[name].items():
        for number, case in enumerate(cases, start=1):
            sent = [way for way in ways(name, idea) if is_sent(case, number, name, idea, way)]
            its_own = [way for way in ways(name, idea) if way[1] or not case.visitors_only]
            many = {"once": 1, "whole": len(its_own)}
            assert len(sent) == many[TRIED], case.name


@pytest.mark.parametrize("name", CORPUS)
def test_names_are_unique(name: str) -> None:
    """A failure names one case and no other."""
    for idea, cases in CORPUS[name].items():
        names = [case.name for case in cases]
        assert len(names) == len(set(names)), idea
