"""The relying party of a tenant of django-tenants: each of its domains is one by itself."""

from django.db import connection

from otp_passkeys.relying_party import RelyingParty, request_host


def relying_party(request):
    """Return that of the request's host, or None for a host that the tenant does not have."""
    host = request_host(request)
    if not connection.tenant.domains.filter(domain=host).exists():
        return None
    return RelyingParty(id=host, name=connection.tenant.name, origins=[f"https://{host}"])
