"""A limit for each address, counted by django-ratelimit in the cache."""

from django_ratelimit.core import get_usage

RATES = {"begin": "60/m", "answer": "20/m", "refused": "10/10m"}


def throttle(request, occasion):
    """Return for how many seconds this address must wait; 0 for not at all."""
    waits = [_wait(request, occasion, increment=True)]
    if occasion == "answer":  # somebody who guesses must wait, however slowly they do
        waits.append(_wait(request, "refused", increment=False))
    return max(waits)


def _wait(request, group, *, increment):
    usage = get_usage(
        request,
        group=f"passkeys-{group}",
        key="ip",
        rate=RATES[group],
        increment=increment,
    )
    return max(1, usage["time_left"]) if usage and usage["should_limit"] else 0
