"""The icon of a provider, as an image and never as a document."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound

from .. import providers
from .public import public

# An SVG can carry script, which would run as the site if somebody opened the icon's own address. As an image
# it cannot; opened, it is downloaded instead of shown; shown all the same, it is sandboxed and may load
# nothing. Django's and django-csp's middleware leave a policy that a view has set; if anything else puts
# its own in place of this one, the download is what still holds.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Content-Disposition": "attachment",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@public
def icon(request: HttpRequest, version: str, aaguid: str, theme: str) -> HttpResponse:
    """Serve the icon of a provider.

    :param request: GET or HEAD.
    :param version: from :func:`otp_passkeys.providers.icon_version`; the answer to another one is not to be
        kept, because during an upgrade old processes answer for new addresses.
    :param aaguid: in any letter case; zero for the neutral icon. 404 if it is unknown or malformed.
    :param theme: ``light`` or ``dark``, else 404.
    """
    found = providers.icon(aaguid, theme)
    # Not Http404: the site's error page may well ask for the user.
    response = (
        HttpResponse(found.content, content_type=found.content_type, headers=_HEADERS)
        if found
        else HttpResponseNotFound(headers=_HEADERS)
    )
    lasting = found is not None and version == providers.icon_version()
    response["Cache-Control"] = "public, max-age=31536000, immutable" if lasting else "no-store"
    return response
