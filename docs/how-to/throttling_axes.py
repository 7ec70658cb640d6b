"""The lock of django-axes, for whoever it has locked out."""

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_cool_off


def throttle(request, occasion):
    """Return for how many seconds whoever is locked out must wait, or None."""
    if occasion == "refused" or AxesProxyHandler.is_allowed(request):
        return None
    cool_off = get_cool_off(request)  # None if only a person can lift the lock
    return int(cool_off.total_seconds()) if cool_off else 24 * 3600
