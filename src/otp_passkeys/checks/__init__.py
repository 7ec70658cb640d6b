"""System checks, each with an ID and with the remedy in its hint."""

from . import addresses, importing, installation, templates, values


def register() -> None:
    """Register the checks with Django."""
    for module in (installation, addresses, importing, templates, values):
        module.register()
