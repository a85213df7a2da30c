"""Which e-mails staff of some providers reach: those about what they reach itself."""

from typing import Any

from django.apps import apps
from django.db.models import Q

from portal.outbox.kinds import all_kinds
from portal.staffing.reach import Providers, Way, reach_of


def _mails(staff: Any, providers: Providers) -> Q:
    by_model: dict[str, list[str]] = {}
    for kind in all_kinds():
        by_model.setdefault(kind.model, []).append(kind.key)
    found = Q(pk__in=())
    for label, keys in by_model.items():
        model = apps.get_model(label)
        reached = model._base_manager.filter(reach_of(staff, model)).order_by().values("pk")
        found |= Q(kind__in=keys, about__in=reached)
    return found


WAYS: dict[str, Way] = {"outbox.mail": _mails}
