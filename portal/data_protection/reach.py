"""How copies and erasures lead to the provider whose staff reach them."""

from typing import Any

from django.db.models import Q

from portal.organisations.models import Organisation, User
from portal.staffing.reach import Providers, Way, within


def _copies(staff: Any, providers: Providers) -> Q:
    """Those that they asked for themselves, and those of people and organisations that they reach."""
    return Q(asked_by=staff.pk) | _subjects(staff)


def _subjects(staff: Any, path: str = "") -> Q:
    people, organisations = User.objects.order_by(), Organisation.objects.order_by()
    of_people = Q(**{f"{path}person__in": within(staff, people)})
    return of_people | Q(**{f"{path}organisation__in": within(staff, organisations)})


def _erasures(path: str) -> Way:
    """What was due of some providers or of none, and what those asked for whom they reach."""

    def reached(staff: Any, providers: Providers) -> Q:
        was_due = Q(**{f"{path}person__isnull": True, f"{path}organisation__isnull": True})
        return was_due & providers.coded_at(f"{path}provider") | _subjects(staff, path)

    return reached


WAYS: dict[str, Way] = {
    "data_protection.datacopy": _copies,
    "data_protection.erasure": _erasures(""),
    "data_protection.erasureitem": _erasures("erasure__"),
}
