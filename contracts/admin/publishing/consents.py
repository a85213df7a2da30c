"""Consents: read-only, with their certificates and the refusals that wait for staff."""

from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy
from unfold.decorators import display

from contracts.admin.html import article_links, link, version_link
from contracts.admin.pages import ReadOnlyAdmin
from contracts.admin.waiting_filter import WaitingFilter
from contracts.consents.renewals import renewal_of
from contracts.models import Consent
from contracts.wording.local_text import localised

COLOURS = {
    "application": "success",
    "received": "success",
    "renewed": "success",
    "deemed_by_use": "info",
    "deemed_by_notice": "info",
    "refused": "danger",
}


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    list_display = ("sequence", "organisation", "terms_version", "shown_how", "person", "at", "shown_address")
    list_filter = (WaitingFilter, "how", "terms_version__service")
    list_select_related = ("organisation", "terms_version__service", "person")
    search_fields = ("organisation__name", "person__email", "content_hash", "hash")
    date_hierarchy = "at"
    fieldsets = (
        (None, {"fields": ("sequence", "organisation", "person", "shown_version", "content_hash")}),
        (
            _("How"),
            {"fields": ("shown_how", "application", "notice", "at", "recorded_at", "shown_address")},
        ),
        (_("What follows by the terms"), {"fields": ("shown_consequence",)}),
        (_("Chain"), {"fields": ("previous_hash", "hash", "shown_certificate")}),
    )

    @display(description=_("How"), ordering="how", label=COLOURS)
    def shown_how(self, obj: Consent) -> tuple[str, str]:
        return obj.how, obj.get_how_display()

    @display(description=pgettext_lazy("address of a device", "From"), ordering="ip_address")
    def shown_address(self, obj: Consent) -> str:
        return pgettext("personal data", "Erased") if obj.is_erased else obj.ip_address or "—"

    @display(description=_("Version"))
    def shown_version(self, obj: Consent) -> str:
        return version_link(obj.terms_version)

    @display(description=_("What follows from a refusal"))
    def shown_consequence(self, obj: Consent) -> str:
        renewal = renewal_of(obj.terms_version) if obj.how == Consent.How.REFUSED else None
        if renewal is None or renewal.rule.refusal is None:
            return "—"
        refusal = renewal.rule.refusal
        return f"{localised(refusal.text)} " + article_links(renewal.previous, refusal.article)

    @display(description=_("Certificate"))
    def shown_certificate(self, obj: Consent) -> str:
        return link(reverse("contracts:consent-certificate", args=[obj.sequence]), _("Certificate (PDF)"))
