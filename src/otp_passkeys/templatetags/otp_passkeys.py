"""Template tags: the sync, the offer, the panel, the passkey button, what works here, and what a row says of a passkey.

Each tag renders its own template with a fresh context, and does not change the page's variables. No tag raises
anything but an error of the database.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import template
from django.template.context import Context
from django.template.context_processors import csrf
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from .. import offers, panel_address, sync
from ..actions.listing import panel_of
from ..conf import conf
from ..development import local_address
from ..models import Passkey
from ..relying_party import relying_party_here
from ..rows import Addresses, Rows, last_used, saved
from .harmless import harmless

register = template.Library()

FOLDER = "otp_passkeys"
SHARED = "ceremony.js"
ALONE = "sync.js"  # needs no other script
CSRF_HEADER = "X-CSRFTOKEN"  # what the scripts send unless they are told another


def _request(context: Context) -> Any:
    """Return the request of a page, or None; a page may have its own variable of that name."""
    request = context.get("request")
    return request if hasattr(request, "META") else None


def _nonce(context: Context) -> Any:
    """Return the nonce of the page's Content-Security-Policy, or None if it has none.

    Django 6 keeps it on the request and offers it to templates as ``csp_nonce``; django-csp keeps it on the request.
    Both make it when it is first written out and are falsy until then, so the test is for None.
    """
    request = _request(context)
    found = (
        context.get("csp_nonce"),
        getattr(request, "_csp_nonce", None),
        getattr(request, "csp_nonce", None),
    )
    return next((nonce for nonce in found if nonce is not None), None)


def _render(context: Context, name: str, **variables: Any) -> SafeString:
    """Render one of the app's includes with these variables and none of the page's."""
    request = context["request"]
    # csrf() is lazy: no cookie is set where no token is written.
    fresh = {**csrf(request), "request": request, "csp_nonce": _nonce(context), **variables}
    return render_to_string(f"{FOLDER}/includes/{name}.html", fresh)


@register.simple_tag(takes_context=True)
@harmless(everywhere=True)
def render_otp_webauthn_sync_signals_scripts(context: Context) -> str:
    """Render what keeps password managers in step, or nothing at all when no sync is due.

    It belongs just before ``</body>`` of the site's base template. It holds nothing personal, and rendering it writes
    nothing: the browser fetches what to signal, and its report ends the matter.

    :param context: the page's context; without a ``request`` in it, nothing is rendered.
    """
    return _render(context, "sync") if sync.is_due(_request(context)) else ""


@register.simple_tag(takes_context=True)
@harmless(everywhere=True)
def passkey_offer(context: Context, upgrade: bool = True) -> str:
    """Render the offer of a passkey for a while after a sign-in without one, or nothing at all.

    Put it next to the sync tag in the site's base template. The browser decides whether it is shown.

    :param context: the page's context; without a ``request`` in it, nothing is rendered.
    :param upgrade: whether the browser may add a passkey by itself, without asking the user.
    """
    offer = offers.due(_request(context))
    # The app's own pages are where the offer leads to.
    if offer is None or FOLDER in getattr(context["request"].resolver_match, "app_names", ()):
        return ""
    # As text, because templates would write a number with separators.
    return _render(context, "offer", since=str(offer.since), upgrade=upgrade and offer.may_upgrade)


@register.simple_tag(takes_context=True)
@harmless()
def passkey_panel(context: Context, heading: int = 2) -> str:
    """Render the signed-in user's passkeys with all that can be done to them, for a settings page of the site.

    :param context: the page's context; nothing is rendered without a ``request`` or for a visitor.
    :param heading: the level of its heading, 1 to 6.
    """
    user = getattr(_request(context), "user", None)
    if user is None or not user.is_authenticated:
        return ""
    request = context["request"]
    return _render(
        context,
        "panel",
        heading=str(heading) if heading in range(1, 7) else "2",
        **panel_of(request, home=panel_address.embedded_in(request)),
    )


@register.simple_tag(takes_context=True)
@harmless()
def passkey_sign_in(context: Context, next: str | None = None) -> str:  # noqa: A002 - Django's name
    """Render the passkey button, with autofill where an input has ``autocomplete="username webauthn"``.

    Put it inside or next to the site's own sign-in form. A browser without passkeys shows nothing of it.

    :param context: the page's context; nothing is rendered without a ``request``.
    :param next: where to go afterwards; default: the page's ``next``, then the query's. The server checks it.
    """
    request = _request(context)
    if request is None:
        return ""
    target = str(next or context.get("next") or request.GET.get("next", ""))
    return _render(
        context,
        "sign_in",
        # The query may be in an encoding that makes text of it which no page can hold.
        next=target if target.isprintable() else "",
        passkey_error=context.get("passkey_error"),
        unknown_credential=context.get("unknown_credential"),
    )


@dataclass(frozen=True)
class Here:
    """What the app can do at the address of a page.

    :param is_usable: whether passkeys can be used there.
    :param signals: whether this deployment tells browsers anything.
    :param site_name: what browsers may call the site; empty where passkeys cannot be used.
    :param local_address: under ``DEBUG``, the address to use in place of one with an IP address; else None.
    """

    is_usable: bool
    signals: bool
    site_name: str
    local_address: str | None


@register.simple_tag(takes_context=True)
@harmless()
def passkey_here(context: Context) -> Here:
    """Say what the app can do at the address of the page: ``{% passkey_here as here %}``.

    :param context: the page's context; without a request, passkeys are taken to be usable. What is in it by this name
        is the answer, so that the parts of a page ask once.
    """
    here = context.get("here")
    if isinstance(here, Here):
        return here
    request = _request(context) or getattr(context, "request", None)
    party = relying_party_here(request) if request else None
    return Here(
        is_usable=request is None or party is not None,
        signals=sync.is_on(),
        site_name=party.name if party else "",
        local_address=local_address(request) if request else None,
    )


def _rows(context: Context) -> Rows:
    """Return what the rows of a page share: the list's, or one for a single passkey."""
    rows = context.get("rows")
    return rows if isinstance(rows, Rows) else Rows()


@register.simple_tag(takes_context=True)
@harmless()
def passkey_addresses(context: Context) -> Addresses:
    """Return the addresses that a panel needs: ``{% passkey_addresses as addresses %}``.

    :param context: the page's context.
    """
    return _rows(context).addresses


@register.simple_tag(takes_context=True)
@harmless()
def passkey_icon(context: Context, passkey: Passkey) -> SafeString:
    """Render the icon of a passkey's provider, for light and for dark pages; the stylesheet shows one of the two.

    :param context: the page's context.
    :param passkey: a stored passkey.
    """
    return _rows(context).details.icon(passkey.provider)


@register.simple_tag(takes_context=True)
@harmless()
def passkey_controls(context: Context, passkey: Passkey) -> dict[str, Any]:
    """Return what the element and the buttons of a row need: ``{% passkey_controls passkey as controls %}``.

    :param context: the page's context.
    :param passkey: a stored passkey.
    """
    return _rows(context).controls.of(passkey, str(context.get("carry", "")))


@register.simple_tag(takes_context=True)
@harmless()
def passkey_details(context: Context, passkey: Passkey) -> dict[str, Any]:
    """Return what is said of a passkey: ``{% passkey_details passkey as details %}``.

    :param context: the page's context; its ``heading`` is the level of the heading that the name stands below.
    :param passkey: a stored passkey.
    """
    # As text, because templates ask the language how it writes a number.
    level = str(int(context.get("heading") or 1) + 1)
    return {**_rows(context).details.of(passkey), "level": level}


def _with_shared(scripts: list[str]) -> list[str]:
    """Return the scripts, and before those that wait for the shared one, that: no module imports another."""
    return list(dict.fromkeys([SHARED, *scripts])) if set(scripts) - {ALONE} else scripts


@register.simple_tag(takes_context=True)
@harmless()
def passkey_assets(context: Context, *names: str) -> SafeString:
    """Render the elements that load files of the app, with the page's nonce.

    They are rendered with what needs them, so that a panel works on any page; a browser loads a file once.
    The script that others need comes with them.

    :param context: the page's context.
    :param names: file names; ``….css`` becomes a stylesheet and the rest modules.
    """
    nonce = _nonce(context)
    with_nonce = "" if nonce is None else format_html(' nonce="{}"', nonce)
    header = conf.csrf_header
    with_header = "" if header == CSRF_HEADER else format_html(' data-csrf-header="{}"', header)
    stylesheets = [name for name in names if name.endswith(".css")]
    scripts = _with_shared([name for name in names if not name.endswith(".css")])
    return format_html_join(
        "",
        '<link rel="stylesheet" href="{}"{}>',
        ((static(f"{FOLDER}/{name}"), with_nonce) for name in stylesheets),
    ) + format_html_join(
        "",
        '<script type="module" src="{}"{}{}></script>',
        ((static(f"{FOLDER}/{name}"), with_nonce, with_header) for name in scripts),
    )


@register.filter
def passkey_account(name: object) -> SafeString:
    """Return the name of an account, which may break before each "@" and "." if it is too long for its line.

    :param name: a username or an address.
    """
    parts = re.split(r"(?=[@.])", str(name))
    return format_html_join(SafeString("<wbr>"), "{}", ((part,) for part in parts))


@register.filter
def passkey_last_used(moment: object) -> str:
    """Return a sentence that says how long ago a passkey was used.

    :param moment: when it was last used, or None.
    """
    if moment is None:
        # Translators: Of a passkey.
        return gettext("Never used")
    # Else it is the name of a variable that is not there.
    return last_used(moment) if isinstance(moment, datetime) else ""


@register.filter
def passkey_saved(passkey: object) -> str:
    """Return where a passkey is saved, as far as its browser has said.

    :param passkey: a stored passkey.
    """
    return saved(passkey) if isinstance(passkey, Passkey) else ""
