"""Terms versions: what they say in short, with the pages on which drafts are written and published."""

from collections.abc import Collection
from textwrap import wrap
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from contracts.admin.html import article_links, lines, version_link
from contracts.admin.publishing.corrections import CorrectionPages, page_number, reading_lines
from contracts.admin.publishing.drafts import DraftPages
from contracts.admin.publishing.impact_lists import ImpactExports
from contracts.admin.publishing.lives import LivesPages
from contracts.admin.waiting_filter import WaitingFilter
from contracts.models import TermsVersion
from contracts.publishing.checks import previous_version
from contracts.publishing.impact import impact_of
from contracts.wording.next_steps import next_steps
from contracts.wording.policy_changes import policy_changes
from contracts.wording.products import product_lines
from contracts.wording.reasons import reason_choices

_OF_DRAFTS = {"edit_text", "edit_policy", "lives", "publish", "changes", "discard"}
COLOURS = {"draft": "warning", "announced": "info", "published": "success"}


@admin.register(TermsVersion)
class TermsVersionAdmin(DraftPages, LivesPages, CorrectionPages, ImpactExports):
    list_display = ("shown_name", "service", "shown_state", "effective_on", "revised_on", "announced_on")
    list_filter = (WaitingFilter, "service")
    list_select_related = ("service",)
    search_fields = ("name", "title", "service__slug")
    fieldsets = (
        (None, {"fields": ("service", "name", "title", "state_today", "shown_page")}),
        (_("Dates"), {"fields": ("revised_on", "announced_on", "effective_on", "published_at")}),
        (
            _("Policy in short"),
            {"fields": ("shown_reading", "shown_products", "shown_steps", "shown_reasons", "shown_hash")},
        ),
        (_("Policy"), {"classes": ("collapse",), "fields": ("shown_policy",)}),
    )
    draft_fieldsets = (
        (None, {"fields": ("service", "name", "title", "state_today", "shown_hash")}),
        (_("Text"), {"classes": ("collapse",), "fields": ("shown_text",)}),
        (_("Policy"), {"classes": ("collapse",), "fields": ("shown_policy",)}),
    )
    actions_list = ("import_terms", "from_table")
    actions_detail = (
        "edit_text",
        "edit_policy",
        "lives",
        "publish",
        "changes",
        "correct",
        "correction_impact",
        "dismiss_reading",
        "readings",
        "discard",
    )

    def get_fieldsets(self, request: HttpRequest, obj: TermsVersion | None = None) -> Any:
        """A draft shows what is written so far; its citations lead nowhere yet."""
        is_draft = obj is not None and obj.published_at is None
        return self.draft_fieldsets if is_draft else super().get_fieldsets(request, obj)

    def offered(self, obj: TermsVersion) -> Collection[str]:
        if obj.published_at is None:
            return _OF_DRAFTS if obj.policy_source else _OF_DRAFTS - {"changes", "lives"}
        return [*(["changes"] if previous_version(obj) else []), *self.offered_corrections(obj)]

    @action(
        description=_("Changes of the rules"), url_path="changes", permissions=["view"], icon="difference"
    )
    def changes(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What a version changes against the one before: its rules in words, and the contracts it touches."""
        version = get_object_or_404(self.get_queryset(request).select_related("service"), pk=object_id)
        previous = previous_version(version)
        context: dict[str, Any] = {"version": version, "previous": previous}
        if previous and version.policy_source:
            day = version.policy.effective.on
            read, page = version.read_on(day), page_number(request)
            context |= {
                "day": day,
                "policy_changes": policy_changes(previous, read),
                "impact": impact_of(previous, read, day, page),
                "page": page,
                "export_url": reverse("admin:contracts_termsversion_changes_export", args=[version.pk]),
            }
        return self.draft_page(request, "changes", title=_("Changes of the rules"), draft=version, **context)

    @display(description=_("Version"), ordering="name")
    def shown_name(self, obj: TermsVersion) -> str:
        return f"{obj.title} {obj.name}"

    @display(description=_("Status"), label=COLOURS)
    def shown_state(self, obj: TermsVersion) -> tuple[str, Any]:
        if obj.published_at is None:
            return "draft", _("Draft")
        if obj.effective_on > localdate():
            return "announced", _("Announced")
        return "published", _("Published")

    @display(description=_("Status"))
    def state_today(self, obj: TermsVersion) -> str:
        return str(self.shown_state(obj)[1])

    @display(description=_("Content hash"))
    def shown_hash(self, obj: TermsVersion) -> str:
        """In pieces between which a narrow screen may break the line."""
        return format_html_join(SafeString("<wbr>"), "{}", ((piece,) for piece in wrap(obj.content_hash, 16)))

    @display(description=_("Public page"))
    def shown_page(self, obj: TermsVersion) -> str:
        return version_link(obj) if obj.published_at else "—"

    @display(description=_("Reading"))
    def shown_reading(self, obj: TermsVersion) -> str:
        """The corrections in force, and what a catalog brought."""
        return lines(reading_lines(obj)) if obj.revisions.exists() else str(_("as published"))

    @display(description=_("Products"))
    def shown_products(self, obj: TermsVersion) -> str:
        policy = obj.read_on(localdate()).policy
        found = product_lines(policy, ((product.key, 1) for product in policy.products))
        return lines(f"{line.name}（{line.unit}）" for line in found)

    @display(description=_("From application to charging"))
    def shown_steps(self, obj: TermsVersion) -> str:
        return lines(
            format_html("{} {}", step.text, article_links(obj, step.articles))
            for step in next_steps(obj.read_on(localdate()).policy)
        )

    @display(description=_("Reasons for refusal"))
    def shown_reasons(self, obj: TermsVersion) -> str:
        reasons = obj.read_on(localdate()).policy.refusal_reasons
        return lines(label for _key, label in reason_choices(obj, reasons))

    @display(description=_("Text"))
    def shown_text(self, obj: TermsVersion) -> str:
        return format_html('<pre class="whitespace-pre-wrap">{}</pre>', obj.text)

    @display(description=_("Policy"))
    def shown_policy(self, obj: TermsVersion) -> str:
        if not obj.policy_source:
            return str(_("No policy is stored yet."))
        return format_html('<pre class="whitespace-pre-wrap">{}</pre>', obj.policy_source)
