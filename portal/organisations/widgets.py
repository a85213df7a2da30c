"""Fields of the admin that search while somebody types."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect

from portal.typed import whole_number


class SearchedSelect(AutocompleteSelect):
    """The library looks up whatever was sent to show it again; what is no key is left out here."""

    def optgroups(self, name: str, value: Sequence[str], attr: dict[str, Any] | None = None) -> list[Any]:
        return super().optgroups(name, [one for one in value if whole_number(str(one)) is not None], attr)
