"""What operations object to, shown where it was typed."""

from collections.abc import Callable

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError


def add_problems(
    form: forms.BaseForm, error: ValidationError, place_of: Callable[[str], str | None] | None = None
) -> None:
    """Add an operation's objections to a form: at their fields, else above the form.

    A field that could not be read keeps its own error alone. `place_of` names the field for an objection, or
    None for one that concerns another form.
    """
    unread = set(form.errors)
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for field, problems in error.error_dict.items():
        place = place_of(field) if place_of else field
        if place is None or place in unread:
            continue
        at = place if place in form.fields and place != NON_FIELD_ERRORS else None
        for problem in problems:
            form.add_error(at, problem)
