"""The relying party of a tenant of django-tenants: each of its domains is one by itself."""

from otp_passkeys.relying_party import RelyingParty, request_host


def relying_party(request):
    """Return that of the request's host, or None for a host that the tenant does not have."""
    tenant = getattr(request, "tenant", None)  # a page for hosts without a tenant has none
    domain = request_host(request).removeprefix("www.")  # as django-tenants does
    if tenant is None or not tenant.domains.filter(domain=domain).exists():
        return None
    origins = [f"https://{domain}", f"https://www.{domain}"]
    return RelyingParty(id=domain, name=tenant.name, origins=origins)
