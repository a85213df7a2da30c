"""What a form of the admin changed: each field's value before and after."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Model, QuerySet


def with_values(
    message: Iterable[dict[str, Any]], form: Any, formsets: Iterable[Any]
) -> Iterator[dict[str, Any]]:
    """Django's message on what was changed, with `values`: of fields before and after, or after alone.

    Rows of a form that were added or deleted are named, as Django names them.
    """
    rows = [row for formset in formsets for row in formset.initial_forms if _was_changed(formset, row)]
    changed = iter([form, *rows] if form.changed_data else rows)
    for said in message:
        if said == {"added": {}}:
            yield {"added": {"values": {name: {"after": after} for name, _, after in _values(next(changed))}}}
        elif "changed" in said:
            values = {
                name: {"before": before, "after": after} for name, before, after in _values(next(changed))
            }
            yield {"changed": {**said["changed"], "values": values}}
        else:
            yield said


def _was_changed(formset: Any, row: Any) -> bool:
    return bool(row.has_changed()) and row not in formset.deleted_forms


def _values(form: Any) -> Iterator[tuple[str, Any, Any]]:
    for name in form.changed_data:
        before, after = form.initial.get(name), form.cleaned_data.get(name)
        if isinstance(after, Model):
            before = type(after)._base_manager.filter(pk=before).first()
        yield name, _plain(before), _plain(after)


def _plain(value: Any) -> Any:
    if isinstance(value, QuerySet | list | tuple | set):
        return sorted(str(one) for one in value)
    return value if value is None or isinstance(value, bool | int) else str(value)
