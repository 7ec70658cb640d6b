"""Gives Wagtail's editors a page for their passkeys, and a link to it on their account page."""

from django.urls import path, reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail import hooks


@hooks.register("register_admin_urls")
def add_passkeys_page():
    account = {"url": reverse_lazy("wagtailadmin_account"), "label": _("Account")}
    context = {"header_title": _("Passkeys"), "header_icon": "user", "breadcrumbs_items": [account]}
    view = TemplateView.as_view(template_name="wagtailadmin/passkeys.html", extra_context=context)
    return [path("account/passkeys/", view, name="wagtail_passkeys")]


@hooks.register("register_account_menu_item")
def add_passkeys_link(request):
    return {
        "url": reverse("wagtail_passkeys"),
        "label": _("Passkeys"),
        "help_text": _(
            "Sign in with your fingerprint, face, screen lock or a security key instead of a password."
        ),
    }
