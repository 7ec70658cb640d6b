"""System checks of templates: the library of tags, and what the tags need."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from django.apps import AppConfig, apps
from django.core import checks
from django.template import engines
from django.template.backends.django import DjangoTemplates
from django.template.context_processors import request


def register() -> None:
    """Register the checks with Django."""
    checks.register(check_tag_library, checks.Tags.templates)
    checks.register(check_context_processors, checks.Tags.templates)


def check_tag_library(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[checks.CheckMessage]:
    """Return a warning where ``{% load otp_webauthn %}`` loads another app's library."""
    name, ours = "otp_webauthn", "otp_passkeys.templatetags.otp_webauthn"
    for engine in engines.all():
        if not isinstance(engine, DjangoTemplates):
            continue
        loaded = engine.engine.libraries.get(name)
        others = [
            config.name
            for config in apps.get_app_configs()
            if config.name != "otp_passkeys" and _has_module(f"{config.name}.templatetags.{name}")
        ]
        if others or loaded not in {None, ours}:
            return [
                checks.Warning(
                    f"The template library {name!r} is also that of {', '.join(others) or loaded}.",
                    hint="Write {% load otp_passkeys %} in your templates, which is ours alone.",
                    id="otp_passkeys.W001",
                )
            ]
    return []


def check_context_processors(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[checks.CheckMessage]:
    """Return a warning where templates do not get the request, without which the tags render nothing."""
    ours = [engine for engine in engines.all() if isinstance(engine, DjangoTemplates)]
    if any(request in engine.engine.template_context_processors for engine in ours):
        return []
    return [
        checks.Warning(
            "Templates do not get the request, so that the template tags of passkeys render nothing.",
            hint=(
                "Add 'django.template.context_processors.request' to the context_processors in the OPTIONS of "
                "DjangoTemplates in TEMPLATES."
            ),
            id="otp_passkeys.W006",
        )
    ]


def _has_module(path: str) -> bool:
    try:
        return find_spec(path) is not None
    except ModuleNotFoundError:
        return False
