"""What operations object to, shown where it was typed."""

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError


def add_problems(form: forms.BaseForm, error: ValidationError) -> None:
    """Add an operation's objections to a form: at their fields, else above the form.

    A field that could not be read keeps its own error alone.
    """
    unread = set(form.errors)
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for field, problems in error.error_dict.items():
        if field in unread:
            continue
        at = field if field in form.fields and field != NON_FIELD_ERRORS else None
        for problem in problems:
            form.add_error(at, problem)
