"""The ways to confirm that a user has, as JSON for a script."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..actions.ways import Way
from ..models import user_details


def ways_json(user: Any, ways: Iterable[Way]) -> dict[str, Any]:
    """Return who is asked, and in which ways, each with the fields of its form.

    :param user: the user of the session.
    :param ways: the ways that the user has, the preferred first.
    """
    return {"account": user_details(user).name, "ways": [_way_json(way) for way in ways]}


def _way_json(way: Way) -> dict[str, Any]:
    return {
        "way": way.key,
        "name": way.name,
        "label": str(way.label),
        "fields": [
            {
                "name": field.html_name,
                "label": str(field.label),
                "type": getattr(field.field.widget, "input_type", "text"),
            }
            for field in way.form()
        ],
    }
