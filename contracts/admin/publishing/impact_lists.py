"""The contracts that new rules touch, as a file: all of them, where the page shows some at a time."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.admin.pages import ReadOnlyAdmin
from contracts.models import TermsVersion
from contracts.publishing.checks import previous_version
from contracts.publishing.impact import Example, affected_contracts
from portal.audit.exports.lists import Column, ListOut, list_of, named_list

IMPACT = named_list("contracts.impact", gettext_lazy("Contracts affected by new rules"))


def impact_out(old: TermsVersion, new: TermsVersion, day: date) -> ListOut:
    """The contracts whose next dates and rates differ by two versions, or readings, as of a day."""
    columns = [
        Column("contract", _("Contract"), lambda one: one.contract.number),
        Column("organisation", _("Organisation"), lambda one: str(one.contract.organisation)),
        Column("changes", _("What changes"), _changes),
    ]
    return list_of(IMPACT, columns, list(affected_contracts(old, new, day)))


def _changes(one: Example) -> str:
    return "\n".join(f"{change.label}: {change.old} → {change.new}" for change in one.changes)


class ImpactExports(ReadOnlyAdmin):
    """The file of the contracts that a version touches, beside the page that shows them."""

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.export_changes)
        own = path("<int:pk>/changes/export/", page, name="contracts_termsversion_changes_export")
        return [own, *super().get_urls()]

    def export_changes(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The contracts that a version touches against the one before."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        version: Any = get_object_or_404(self.get_queryset(request).select_related("service"), pk=pk)
        previous = previous_version(version)
        if not previous or not version.policy_source:
            raise Http404
        day = version.policy.effective.on
        taken = impact_out(previous, version.read_on(day), day)
        back = reverse("admin:contracts_termsversion_changes", args=[pk])
        return self.export_of(request, taken, back, about=version)
