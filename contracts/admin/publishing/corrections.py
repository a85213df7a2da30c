"""The pages on which staff correct how a published version is read, and see whom that touches."""

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextareaWidget

from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.admin.proposing import proposing
from contracts.admin.publishing.draft_forms import LONGEST_TEXT, plain_lines
from contracts.approvals.correction import CORRECTION, CorrectionData, applies_text, correction_lines
from contracts.models import PolicyRevision, TermsVersion
from contracts.publishing.revisions import CORRECTION as CORRECTION_KEY
from contracts.publishing.revisions import (
    as_corrected,
    correction_impact,
    dismiss_reading,
    latest_reading,
)
from contracts.wording.formats import day_text
from contracts.wording.links import article_label
from contracts.wording.policy_changes import PolicyChange, policy_changes
from portal.approvals.kinds import OvertakenError, kind_of, visible_to
from portal.approvals.models import Proposal
from portal.organisations.models import User

APPLIES = (
    ("then_on", _("To decisions from the day on which it is put in force")),
    ("first_day", _("To decisions from the version's first day: what follows from dates is computed anew")),
)


class CorrectionForm(forms.Form):
    """Other rules for a version, why, and from when; `after` is the last correction that staff saw."""

    policy = forms.CharField(
        label=_("Policy"),
        strip=False,
        max_length=LONGEST_TEXT,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 30, "spellcheck": "false", "data-source": ""}),
        help_text=_("TOML. The version's name, title and dates stay; correct the rules."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("What was read wrongly, and what the article says. It is shown on the public page."),
    )
    applies = forms.ChoiceField(
        label=_("Applies to"), choices=APPLIES, initial="then_on", widget=UnfoldAdminRadioSelectWidget
    )
    after = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    class Media:
        css = {"all": ("css/staff-terms.css",)}

    def __init__(self, version: TermsVersion, data: Any = None) -> None:
        reading, brought = latest_reading(version), _brought(version)
        source = brought.policy_source if brought else reading.rules_source
        super().__init__(data, initial={"policy": source, "after": reading.revision_number})

    def clean_policy(self) -> str:
        return plain_lines(self.cleaned_data["policy"])


class DismissalForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("Why the version is not read so. It is kept in the audit trail and with the reading."),
    )


class CorrectionPages(ReadOnlyAdmin):
    """Pages of corrected readings, for the admin of terms versions."""

    @action(
        description=_("Correct the reading"),
        url_path="correct",
        permissions=["act"],
        icon="edit_note",
    )
    def correct(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take other rules for a published version, show whom they touch, and propose them."""
        version = self._published(object_id)

        def wanted(data: dict[str, Any]) -> CorrectionData:
            return CorrectionData(
                version=version.pk,
                policy=data["policy"],
                reason=data["reason"],
                reaches_back=data["applies"] == "first_day",
                after=data["after"],
            )

        page = ActionPage(
            title=_("Correct the reading"),
            button=_("Propose"),
            form=lambda data=None: CorrectionForm(version, data),
            act=proposing(request, CORRECTION, wanted),
            facts=_facts(version),
            preview=lambda data: _preview(wanted(data)),
            kind=CORRECTION,
        )
        return run_action(self, request, object_id, page)

    @action(
        description=_("Dismiss what the catalog brought"),
        url_path="dismiss-reading",
        permissions=["act"],
        icon="block",
    )
    def dismiss_reading(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Dismiss the rules of the catalog that wait, with the reason."""
        version = self._published(object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            dismiss_reading(version, data["reason"], staff, now())
            return gettext("The reading of the catalog is dismissed. The version is read as before.")

        brought = _brought(version)
        changes = _changes(version, brought) if brought else []
        page = ActionPage(
            title=_("Dismiss what the catalog brought"),
            button=_("Dismiss"),
            form=DismissalForm,
            act=act,
            facts=[*_facts(version), *((one.what, _before_and_after(one.old, one.new)) for one in changes)],
        )
        return run_action(self, request, object_id, page)

    @action(
        description=_("Contracts that the correction touches"),
        url_path="correction-impact",
        permissions=["view"],
        icon="difference",
    )
    def correction_impact(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Whose dates and amounts the correction changes that was proposed last and waits, page by page."""
        version = self._published(object_id)
        proposal = _waiting(version).filter(visible_to(cast(User, request.user))).first()
        if proposal is None:
            raise Http404
        wanted = kind_of(proposal).read(proposal)
        page = page_number(request)
        on, impact = correction_impact(version, wanted.policy, page)
        old = latest_reading(version)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Contracts that the correction touches"),
            "original": version,
            "version": version,
            "day": on,
            "impact": impact,
            "page": page,
            "policy_changes": policy_changes(old, as_corrected(version, wanted.policy)),
            "back_url": reverse("admin:contracts_termsversion_change", args=[version.pk]),
        }
        return TemplateResponse(request, "admin/contracts/terms/changes.html", context)

    @action(
        description=_("Corrected readings"), url_path="readings", permissions=["view"], icon="history_edu"
    )
    def readings(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Every corrected reading of a version: why, since when, by whom, and what it changed."""
        version = self._published(object_id)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Corrected readings"),
            "original": version,
            "version": version,
            "readings": [_shown(version, revision) for revision in version.revisions.all()],
            "back_url": reverse("admin:contracts_termsversion_change", args=[version.pk]),
        }
        return TemplateResponse(request, "admin/contracts/terms/readings.html", context)

    def offered_corrections(self, obj: TermsVersion) -> list[str]:
        """The names of the detail actions about a published version's reading."""
        offered = ["correct", "dismiss_reading"] if _brought(obj) else ["correct"]
        if _waiting(obj).exists():
            offered.append("correction_impact")
        return [*offered, "readings"] if obj.revisions.exists() else offered

    def _published(self, object_id: str) -> TermsVersion:
        published = TermsVersion.objects.published().select_related("service__provider")
        return get_object_or_404(published.prefetch_related("revisions"), pk=object_id)


def reading_lines(version: TermsVersion) -> Iterator[str]:
    """The corrected readings of a version, each in a line."""
    for revision in version.revisions.all():
        articles = " ".join(article_label(version, key) for key in revision.articles)
        if revision.dismissed_at:
            yield gettext("From the catalog, dismissed: %(articles)s") % {"articles": articles}
            continue
        if revision.in_force_on is None:
            yield gettext("From the catalog, not proposed yet: %(articles)s") % {"articles": articles}
            continue
        shown = {"number": revision.number, "articles": articles, "day": day_text(revision.in_force_on)}
        yield gettext("No. %(number)s of %(day)s: %(articles)s") % shown + f" – {revision.reason}"


def page_number(request: HttpRequest) -> int:
    """The page that an address names; the first for anything else."""
    named = request.GET.get("page", "")
    return max(int(named), 1) if named.isdecimal() and len(named) < 7 else 1


def _brought(version: TermsVersion) -> PolicyRevision | None:
    """What a catalog brought, and nobody has put in force."""
    return next((one for one in version.revisions.all() if one.waits), None)


def _waiting(version: TermsVersion) -> QuerySet[Proposal]:
    """The proposals to correct a version that wait, the last first."""
    about = {"about_type": version._meta.label_lower, "about_id": str(version.pk)}
    return Proposal.objects.filter(kind=CORRECTION_KEY, state=Proposal.State.WAITS, **about).order_by("-pk")


def _facts(version: TermsVersion) -> list[tuple[Any, Any]]:
    number = latest_reading(version).revision_number
    as_read = gettext("as corrected (no. %(number)s)") % {"number": number}
    facts = [
        (_("Version"), f"{version.service.name} / {version.title} / {version.name}"),
        (_("Read today"), as_read if number else _("as published")),
        (_("The text"), _("stays as it was published, and so do the consents to it")),
    ]
    if _brought(version):
        told = _("These rules came with the catalog; look at what they change.")
        facts.append((_("From the catalog"), told))
    return facts


def _preview(wanted: CorrectionData) -> list[tuple[Any, Any]]:
    try:
        lines = list(correction_lines(wanted))
    except OvertakenError as gone:
        raise ValidationError(str(gone), "overtaken") from gone
    return [(line.label, _before_and_after(line.before, line.after)) for line in lines]


def _before_and_after(before: str, after: str) -> SafeString | str:
    return format_html("{} → <strong>{}</strong>", before, after) if before else after


def _shown(version: TermsVersion, revision: PolicyRevision) -> dict[str, Any]:
    return {
        "revision": revision,
        "applies": applies_text(revision.reaches_back, version),
        "articles": [article_label(version, key) for key in revision.articles],
        "changes": _changes(version, revision),
    }


def _changes(version: TermsVersion, revision: PolicyRevision) -> list[PolicyChange]:
    """What a correction changed against the reading before it; one that waits, against the latest."""
    before = latest_reading(version)
    if revision.number:
        before = version.by_revision(revision.number - 1)
    return policy_changes(before, version.with_revision(revision))
