"""Which entries of the audit trail staff of some providers reach: those about what they reach itself."""

from typing import Any

from django.apps import apps
from django.db.models import CharField, Q
from django.db.models.functions import Cast

from portal.staffing.reach import Providers, Way, reach_of, ways

_TRAIL = "audit.auditentry"


def _entries(staff: Any, providers: Providers) -> Q:
    known = {label: way for label, way in ways().items() if label != _TRAIL}
    found = Q(object_type__in=[label for label, way in known.items() if way is None])
    for label in (label for label, way in known.items() if way is not None):
        model = apps.get_model(label)
        reached = model._base_manager.filter(reach_of(staff, model))
        # Keys in the trail are text.
        keys = reached.order_by().annotate(written=Cast("pk", CharField())).values("written")
        found |= Q(object_type=label, object_id__in=keys)
    return found


WAYS: dict[str, Way] = {
    _TRAIL: _entries,
    "audit.auditchain": None,
    "auth.group": None,
    "installation.damagedfile": None,
    "installation.installation": None,
    "installation.signoflife": None,
}
