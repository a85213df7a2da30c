"""How tables that were brought in lead to the provider for which they were brought."""

from typing import Any

from django.db.models import Q

from portal.staffing.reach import Providers, Way
from portal.tables_in.kinds import kinds


def _imports(staff: Any, providers: Providers) -> Q:
    """Those of a provider; but of what may be of another provider, too, only one's own."""
    of_one = [kind.key for kind in kinds() if kind.of_provider]
    return providers.at("provider") & (Q(kind__in=of_one) | Q(brought_by=staff.pk))


WAYS: dict[str, Way] = {"tables_in.tableimport": _imports}
