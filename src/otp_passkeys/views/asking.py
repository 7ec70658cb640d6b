"""The page that asks users who they are, as JSON for a script."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from ..actions.ways import Way
from ..exceptions import ReauthenticationFailed
from ..models import user_details


def asking_json(user: Any, ways: Iterable[Way]) -> dict[str, Any]:
    """Return who is asked, and in which ways, each with the fields of its form.

    :param user: the user of the session.
    :param ways: the ways that the user has, the preferred first.
    """
    return {"account": user_details(user).name, "ways": [_way_json(way) for way in ways]}


def form_errors(form: forms.Form) -> ReauthenticationFailed:
    """Return the refusal of a form that is not filled in as it must be, in the form's own words.

    :param form: a bound form that is not valid.
    """
    # Each once: of two fields that are empty, Django says the same.
    said = dict.fromkeys(str(error) for errors in form.errors.values() for error in errors)
    return ReauthenticationFailed("the form was not filled in", message=" ".join(said))


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
