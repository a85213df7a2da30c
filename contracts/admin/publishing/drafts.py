"""The pages on which staff import terms, correct them, write their policy, publish and delete them."""

import re
from collections.abc import Sequence
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.enums import ActionVariant

from contracts.admin.pages import ReadOnlyAdmin
from contracts.admin.proposing import proposing, second_person
from contracts.admin.publishing.draft_forms import (
    ComparisonForm,
    CorrectionForm,
    DraftPolicyForm,
    DraftTextForm,
    SeenForm,
    SourceForm,
)
from contracts.approvals.publication import PUBLICATION, PublicationData
from contracts.comparison.page import html_table
from contracts.comparison.table import ComparisonTable, Side
from contracts.models import TermsVersion
from contracts.publishing.checks import PublicationCheck, check_publication, previous_version
from contracts.publishing.drafts import (
    DraftRefused,
    create_draft,
    delete_draft,
    edit_draft_policy,
    edit_draft_text,
)
from contracts.publishing.lives import check_lives
from contracts.publishing.publish import publication_problems
from contracts.rules.problems import Problem
from contracts.source_files.apart import amend_apart, import_apart
from contracts.terms.amending import Amendment
from contracts.terms.importing import TermsImportError
from contracts.terms.references import dangling_references
from contracts.terms.tree import Terms
from contracts.wording.imports import (
    Finding,
    amendment_findings,
    dangling_findings,
    import_findings,
    step_lines,
)
from contracts.wording.policy_changes import policy_changes
from contracts.wording.problems import problem_texts
from portal.organisations.models import User
from portal.staffing.admin import keep_within


class DraftPages(ReadOnlyAdmin):
    """Pages of drafts, for the admin of terms versions."""

    @action(
        description=_("Import terms"),
        url_path="import",
        permissions=["act"],
        icon="upload_file",
        variant=ActionVariant.PRIMARY,
    )
    def import_terms(self, request: HttpRequest) -> HttpResponse:
        """Take a file or a text, show its tree, let it be corrected, store it as a draft."""
        if "text" in request.POST:
            return self._correct(request, CorrectionForm(request.POST))
        form = SourceForm(request.POST or None, request.FILES or None)
        keep_within(request.user, form)
        if request.method == "POST" and form.is_valid():
            read = CorrectionForm(
                initial={
                    "service": form.cleaned_data["service"],
                    "name": form.cleaned_data["name"],
                    "text": form.markdown,
                    "original": form.original,
                    "source": form.source,
                }
            )
            keep_within(request.user, read)
            return self._show_import(request, read, form.imported.terms, form.original)
        return self.draft_page(request, "import_source", title=_("Import terms"), form=form)

    @action(
        description=_("Make from a comparison table"),
        url_path="from-table",
        permissions=["act"],
        icon="compare_arrows",
    )
    def from_table(self, request: HttpRequest) -> HttpResponse:
        """Take a comparison table, show what each row does, store the new version as a draft."""
        if "text" in request.POST:
            return self._correct(request, CorrectionForm(request.POST))
        form = ComparisonForm(request.POST or None, request.FILES or None)
        keep_within(request.user, form)
        if request.method == "POST" and form.is_valid():
            base = form.cleaned_data["base"]
            read = CorrectionForm(
                initial={
                    "service": base.service,
                    "name": form.cleaned_data["name"],
                    "text": form.markdown,
                    "original": form.original,
                    "source": form.source,
                    "base": base.pk,
                }
            )
            keep_within(request.user, read)
            return self._show_import(request, read, form.amendment.terms, form.original, base)
        return self.draft_page(
            request, "comparison_source", title=_("Make from a comparison table"), form=form
        )

    def _correct(self, request: HttpRequest, form: CorrectionForm) -> HttpResponse:
        keep_within(request.user, form)
        original = request.POST.get("original", "")
        complete = form.is_valid()
        base = form.cleaned_data.get("base")
        if not complete:
            return self._show_import(request, form, None, original, base)
        if "store" in request.POST:
            data = form.cleaned_data
            try:
                draft = create_draft(
                    data["service"],
                    name=data["name"],
                    terms=form.terms,
                    source=data["source"],
                    staff=cast(User, request.user),
                    based_on=base,
                )
            except DraftRefused as refused:
                _add(form, refused.problems)
            else:
                messages.success(request, gettext("The draft is stored. Now it needs its policy."))
                return redirect(self._address("change", draft))
        return self._show_import(request, form, form.terms, original, base)

    def _show_import(
        self,
        request: HttpRequest,
        form: CorrectionForm,
        terms: Terms | None,
        original: str,
        base: TermsVersion | None = None,
    ) -> HttpResponse:
        amendment = _amendment(base, original)
        return self.draft_page(
            request,
            "import_preview",
            title=_("Make from a comparison table") if base else _("Import terms"),
            form=form,
            terms=terms,
            base=base,
            steps=step_lines(amendment) if amendment else [],
            findings=_findings(terms, original, amendment),
        )

    @action(description=_("Edit the text"), url_path="text", permissions=["act"], icon="edit_document")
    def edit_text(self, request: HttpRequest, object_id: str) -> HttpResponse:
        draft = self._draft(request, object_id)
        form = DraftTextForm(draft, request.POST or None)
        terms: Terms | None = draft.terms
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            try:
                edit_draft_text(draft, data["text"], seen_hash=data["seen_hash"], staff=_staff(request))
            except DraftRefused as refused:
                _add(form, refused.problems, data["text"])
                terms = None
            else:
                messages.success(request, gettext("The text is stored."))
                return redirect(self._address("edit_text", draft))
        findings = dangling_findings(terms, dangling_references(terms)) if terms else []
        return self.draft_page(
            request,
            "draft_text",
            title=_("Edit the text"),
            draft=draft,
            form=form,
            terms=terms,
            findings=findings,
        )

    @action(description=_("Edit the policy"), url_path="policy", permissions=["act"], icon="rule")
    def edit_policy(self, request: HttpRequest, object_id: str) -> HttpResponse:
        draft = self._draft(request, object_id)
        form = DraftPolicyForm(draft, _first_policy(draft), request.POST or None)
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            try:
                edit_draft_policy(draft, data["policy"], seen_hash=data["seen_hash"], staff=_staff(request))
            except DraftRefused as refused:
                _add(form, refused.problems)
            else:
                messages.success(request, gettext("The policy is stored."))
                return redirect(self._address("edit_policy", draft))
        return self.draft_page(
            request,
            "draft_policy",
            title=_("Edit the policy"),
            draft=draft,
            form=form,
            open_problems=_open_problems(draft) if draft.policy_source and not form.errors else [],
        )

    @action(
        description=_("Publish"),
        url_path="publish",
        permissions=["act"],
        icon="publish",
        variant=ActionVariant.PRIMARY,
    )
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        draft = self._draft(request, object_id)
        form = SeenForm(draft, request.POST or None)
        if request.method == "POST" and form.is_valid():
            wanted = PublicationData(draft=draft.pk, content_hash=form.cleaned_data["seen_hash"])
            try:
                messages.success(
                    request, proposing(request, PUBLICATION, lambda data: wanted)(_staff(request), {})
                )
            except ValidationError as refused:
                form.add_error(None, refused)
            else:
                return redirect(self._address("change", draft))
        check = check_publication(draft, now())
        return self.draft_page(
            request,
            "publish",
            title=_("Publish"),
            draft=draft,
            form=form,
            check=check,
            lives=check_lives(draft),
            problems=[] if form.errors else problem_texts(check.problems, draft.text),
            lead_time=_lead_time(check),
            findings=dangling_findings(draft.terms, check.dangling),
            comparison=_comparison(draft, check.previous),
            policy_changes=policy_changes(check.previous, draft) if check.previous and check.policy else [],
            **second_person(PUBLICATION, request),
        )

    @action(
        description=_("Delete the draft"),
        url_path="discard",
        permissions=["act"],
        icon="delete",
        variant=ActionVariant.DANGER,
    )
    def discard(self, request: HttpRequest, object_id: str) -> HttpResponse:
        draft = self._draft(request, object_id)
        form = SeenForm(draft, request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                delete_draft(draft, _staff(request))
            except DraftRefused as refused:
                _add(form, refused.problems)
            else:
                messages.success(request, gettext("The draft %(name)s is deleted.") % {"name": draft.name})
                return redirect("admin:contracts_termsversion_changelist")
        return self.draft_page(request, "discard", title=_("Delete the draft"), draft=draft, form=form)

    def _draft(self, request: HttpRequest, object_id: str) -> TermsVersion:
        drafts = TermsVersion.objects.filter(published_at__isnull=True).select_related("service__provider")
        return get_object_or_404(drafts, pk=object_id)

    def _address(self, page: str, version: TermsVersion) -> str:
        return reverse(f"admin:contracts_termsversion_{page}", args=[version.pk])

    def draft_page(
        self, request: HttpRequest, name: str, *, draft: TermsVersion | None = None, **context: Any
    ) -> HttpResponse:
        back = self._address("change", draft) if draft else reverse("admin:contracts_termsversion_changelist")
        shared = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": draft,
            "draft": draft,
            "back_url": back,
        }
        return TemplateResponse(request, f"admin/contracts/terms/{name}.html", {**shared, **context})


def _staff(request: HttpRequest) -> User:
    return cast(User, request.user)


def _add(form: Any, problems: Sequence[Problem], text: str = "") -> None:
    for line in problem_texts(problems, text):
        form.add_error(None, line)


def _amendment(base: TermsVersion | None, original: str) -> Amendment | None:
    """What a comparison table makes of the version before; None for a whole text."""
    try:
        return amend_apart(base.terms, original) if base else None
    except TermsImportError:
        return None


def _findings(terms: Terms | None, original: str, amendment: Amendment | None) -> list[Finding]:
    """What staff should look at: what the original held beside the tree, and references that lead nowhere."""
    try:
        found = amendment_findings(amendment) if amendment else import_findings(import_apart(original))
    except TermsImportError:
        found = []
    return [*found, *(dangling_findings(terms, dangling_references(terms)) if terms else [])]


def _first_policy(draft: TermsVersion) -> str:
    """The policy that a new one starts from: that of the last published version, under the draft's name."""
    last = previous_version(draft)
    if last is None:
        return ""
    renamed = f'version = "{draft.name}"'
    return re.sub(r'^version = ".*"$', lambda _found: renamed, last.rules_source, count=1, flags=re.MULTILINE)


def _open_problems(draft: TermsVersion) -> list[str]:
    problems = publication_problems(
        draft.service, name=draft.name, text=draft.text, policy_source=draft.policy_source
    )
    return problem_texts(problems, draft.text)


def _lead_time(check: PublicationCheck) -> dict[str, Any] | None:
    """Whether customers could still be told in time; None where the terms name no time."""
    if check.notice is None or check.effective_on is None:
        return None
    return {"in_time": check.notice.in_time, "earliest": check.notice.earliest_effective_on}


def _comparison(draft: TermsVersion, previous: TermsVersion | None) -> Any:
    if previous is None:
        return None
    table = ComparisonTable.of(Side(previous.terms, previous.name), Side(draft.terms, draft.name))
    return html_table(table) if table.rows else None
