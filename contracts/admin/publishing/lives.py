"""The page on which staff have lives of contracts played by a draft, and accept what comes out otherwise."""

from typing import Any, cast

from django import forms
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
from unfold.widgets import UnfoldAdminTextareaWidget

from contracts.admin.pages import ReadOnlyAdmin
from contracts.forms.problems import add_problems
from contracts.models import ExampleLife, TermsVersion
from contracts.publishing.checks import previous_version
from contracts.publishing.lives import LivesCheck, PlayedLife, accept_outcome, check_lives, play_lives
from contracts.publishing.lives_in_words import acceptance_text, differences, life_articles
from contracts.wording.policy_changes import policy_changes
from portal.organisations.models import User


class AcceptanceForm(forms.Form):
    """Which outcome is accepted, and why; `seen` is what staff had before them."""

    life = forms.CharField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=_(
            "Why this outcome follows from the new version. Whoever approves the publication sees it."
        ),
    )


class LivesPages(ReadOnlyAdmin):
    """The page of lives, for the admin of terms versions."""

    @action(description=_("Lives of contracts"), url_path="lives", permissions=["act"], icon="play_circle")
    def lives(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """How far the lives are played, which come out otherwise, and who accepted that."""
        drafts = TermsVersion.objects.filter(published_at__isnull=True).select_related("service__provider")
        draft = get_object_or_404(drafts, pk=object_id)
        address = reverse("admin:contracts_termsversion_lives", args=[draft.pk])
        if "progress" in request.GET:
            return self._progress(request, draft, address)
        form = None
        problems: list[str] = []
        if request.method == "POST":
            staff = cast(User, request.user)
            form = AcceptanceForm(request.POST) if "life" in request.POST else None
            try:
                if form is None:
                    play_lives(draft, staff, now())
                elif form.is_valid():
                    accept_outcome(draft, at=now(), staff=staff, **form.cleaned_data)
                    messages.success(request, gettext("The outcome is accepted."))
            except ValidationError as refused:
                problems = refused.messages if form is None else []
                if form:
                    add_problems(form, refused)
            if not problems and (form is None or form.is_valid()):
                return redirect(address)
        check = check_lives(draft)
        previous = previous_version(draft)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Lives of contracts"),
            "original": draft,
            "draft": draft,
            "check": check,
            "address": address,
            "problems": problems,
            "too_early": [_shown(draft, life) for life in check.too_early],
            "open": [_shown(draft, life, form) for life in check.open],
            "accepted": [_shown(draft, life) for life in check.changed if life.crosses and life.accepted],
            "every": ExampleLife.objects.filter(service=draft.service),
            "policy_changes": policy_changes(previous, draft) if previous and draft.policy_source else [],
            "back_url": reverse("admin:contracts_termsversion_publish", args=[draft.pk]),
        }
        return TemplateResponse(request, "admin/contracts/terms/lives.html", context)

    def _progress(self, request: HttpRequest, draft: TermsVersion, address: str) -> HttpResponse:
        """The part of the page that a browser asks for every other second; at the end the whole page."""
        check: LivesCheck = check_lives(draft)
        context = {"check": check, "address": address}
        reply = TemplateResponse(request, "admin/contracts/terms/_lives_progress.html", context)
        if not check.goes_on:
            reply.headers["HX-Refresh"] = "true"
        return reply


def _shown(draft: TermsVersion, life: PlayedLife, sent: AcceptanceForm | None = None) -> dict[str, Any]:
    """A life with what comes out otherwise; with its own form where that can be accepted."""
    is_sent = sent is not None and sent.data.get("life") == life.name
    return {
        "life": life,
        "differences": differences(life),
        "articles": life_articles(draft, life),
        "acceptance": acceptance_text(life) if life.accepted else "",
        "form": sent if is_sent else AcceptanceForm(initial={"life": life.name, "seen": life.digest}),
    }
