"""Applying for a service, step by step; what was typed is kept as a draft at each of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from contracts.applications.drafts import (
    add_draft_document,
    discard_draft,
    draft_of,
    remove_draft_document,
    save_draft,
)
from contracts.forms.application import ContactsForm, ProductsForm, StepForm, steps_of
from contracts.forms.application_draft import DraftReading
from contracts.forms.application_fields import DOCUMENT, PARTICULAR
from contracts.models import ApplicationDraft, Service, TermsVersion
from contracts.rules.policy.schema import Policy
from contracts.wording.quotations import hints, quotations
from portal.organisations.access import OrganisationRequest, right_required
from portal.organisations.addresses import LOOK_UP, FoundAddress, address_for, with_address
from portal.organisations.members.rights import Right
from portal.typed import whole_number

CHECK = pgettext_lazy("step of an application", "Check")
SENT = pgettext_lazy("step of an application", "Sent")


@dataclass(frozen=True)
class Progress:
    """A step as the progress shows it; an `url` leads back to it."""

    label: Any
    url: str = ""


@right_required(Right.CONTRACTS, whole=True)
def begin(request: OrganisationRequest, slug: str) -> HttpResponse:
    """Go on where the draft was left, or begin with the first step."""
    service, version = on_offer(slug)
    if version is None:
        return closed(request, service)
    draft = draft_of(request.organisation, service, request.user)
    if request.GET.get("agent") in {agent.key for agent in version.sellers}:
        chosen = {"agent": request.GET["agent"]}
        draft = save_draft(request.organisation, service, request.user, chosen, now())
    if draft is None:
        return redirect(step_url(service, steps_of(version.policy)[0]))
    version = sold_as_chosen(version, draft)
    wrong = DraftReading(service, version, draft, now()).first_wrong
    return redirect(step_url(service, type(wrong)) if wrong else confirm_url(service))


@right_required(Right.CONTRACTS, whole=True)
def step(request: OrganisationRequest, slug: str, key: str) -> HttpResponse:
    """One step: its form, filled with what was typed before. Whatever is sent is kept, right or wrong."""
    service, version = on_offer(slug)
    if version is None:
        return closed(request, service)
    steps = steps_of(version.policy)
    form_class = next((one for one in steps if one.key == key), None)
    if form_class is None:
        raise Http404
    draft = draft_of(request.organisation, service, request.user)
    version = sold_as_chosen(version, draft)
    page = _Page(request, service, version, form_class, steps)
    if request.method == "POST":
        return page.posted()
    if draft and "check" in request.GET:
        return page.show(draft, DraftReading(service, version, draft, now()).forms[key])
    return page.show(draft)


@right_required(Right.CONTRACTS, whole=True)
def estimate(request: OrganisationRequest, slug: str) -> HttpResponse:
    """A piece of the page: what the quantities typed so far would cost. What can't be read is left out."""
    service, version = on_offer(slug)
    if version is None:
        raise Http404
    version = sold_as_chosen(version, draft_of(request.organisation, service, request.user))
    return render(request, "contracts/application/_estimate.html", _estimated(version, request.GET.dict()))


@right_required(Right.CONTRACTS, whole=True)
def discard(request: OrganisationRequest, slug: str) -> HttpResponse:
    """Ask whether a draft is to be thrown away, and do it."""
    service = get_object_or_404(Service, slug=slug)
    draft = draft_of(request.organisation, service, request.user)
    if draft is None:
        raise Http404
    if request.method == "POST":
        discard_draft(draft, request.user)
        messages.success(request, _("The draft is discarded."))
        return redirect("home")
    return render(request, "contracts/application_discard.html", {"service": service, "draft": draft})


class _Page:
    """A step as one person of an organisation sees it."""

    def __init__(
        self,
        request: OrganisationRequest,
        service: Service,
        version: TermsVersion,
        form_class: type[StepForm],
        steps: Sequence[type[StepForm]],
    ) -> None:
        self.request, self.service, self.version = request, service, version
        self.form_class, self.steps = form_class, steps
        self.place = steps.index(form_class)

    def posted(self) -> HttpResponse:
        """Keep what was sent, and go where the button leads."""
        form = self.form_class(self.version, self.request.POST)
        draft = self._save(form)
        problems = self._keep_documents(draft)
        go = self.request.POST.get("go", "next")
        if problems:
            return self.show(draft, self._refused(draft, problems))
        if LOOK_UP in self.request.POST:
            return self.show(draft, found=address_for(self.request.POST))
        if go == "back" and self.place > 0:
            return redirect(step_url(self.service, self.steps[self.place - 1]))
        if go == "later":
            messages.success(self.request, _("Your application is kept as a draft. Nothing is sent yet."))
            return redirect("home")
        if go != "next":
            return self.show(draft)
        return self._next(draft)

    def show(
        self, draft: ApplicationDraft | None, form: StepForm | None = None, found: FoundAddress | None = None
    ) -> HttpResponse:
        """The page with a form, or else with one that holds what was typed before."""
        kept = with_address({**_registered(self.request), **(draft.fields if draft else {})}, found)
        agreed_to = draft.fields.get("version") if draft else None
        return render(
            self.request,
            "contracts/application_step.html",
            {
                "service": self.service,
                "version": self.version,
                "draft": draft,
                "form": form or self.form_class(self.version, initial=kept),
                "progress": progress(self.service, self.version.policy),
                "current": self.place + 1,
                "first": self.place == 0,
                "found": found,
                "documents": draft.documents.all() if draft else (),
                "agreed_to_other": agreed_to if agreed_to != self.version.name else None,
                **(_estimated(self.version, kept) if self.form_class is ProductsForm else {}),
            },
        )

    def _save(self, form: StepForm) -> ApplicationDraft:
        return save_draft(self.request.organisation, self.service, self.request.user, form.typed(), now())

    def _keep_documents(self, draft: ApplicationDraft) -> dict[str, ValidationError]:
        """Store the files that came along; what is wrong with those that are not taken, by their fields."""
        removed = whole_number(self.request.POST.get("remove", ""))
        if removed is not None:
            remove_draft_document(draft, self.request.user, removed, now())
        problems = {}
        for name in self.form_class(self.version).fields:
            file = self.request.FILES.get(name) if name.startswith(DOCUMENT) else None
            if file is None:
                continue
            try:
                kind = name.removeprefix(DOCUMENT)
                add_draft_document(draft, self.request.user, kind, file.name or "", file.read(), now())
            except ValidationError as error:
                problems[name] = error
        return problems

    def _refused(self, draft: ApplicationDraft, problems: dict[str, ValidationError]) -> StepForm:
        form = DraftReading(self.service, self.version, draft, now()).forms[self.form_class.key]
        for name, error in problems.items():
            form.add_error(name, error.messages)
        return form

    def _next(self, draft: ApplicationDraft) -> HttpResponse:
        form = DraftReading(self.service, self.version, draft, now()).forms[self.form_class.key]
        if form.errors:
            return self.show(draft, form)
        if self.place + 1 < len(self.steps):
            return redirect(step_url(self.service, self.steps[self.place + 1]))
        return redirect(confirm_url(self.service))


def on_offer(slug: str) -> tuple[Service, TermsVersion | None]:
    """A service and the version of its terms that is in force, if there is one."""
    service = get_object_or_404(Service.objects.select_related("provider"), slug=slug)
    return service, TermsVersion.objects.in_force(service, localdate())


def sold_as_chosen(version: TermsVersion, draft: ApplicationDraft | None) -> TermsVersion:
    """The version as the sales agent sells it that was chosen, if one was."""
    key = draft.fields.get("agent") if draft else None
    agent = next((one for one in version.sellers if one.key == key), None)
    return version.sold_by(agent, localdate()) if agent else version


def closed(request: OrganisationRequest, service: Service) -> HttpResponse:
    return render(request, "contracts/application_closed.html", {"service": service})


def step_url(service: Service, step: type[StepForm]) -> str:
    return reverse("contracts:application-step", args=[service.slug, step.key])


def confirm_url(service: Service) -> str:
    return reverse("contracts:application-confirm", args=[service.slug])


def progress(service: Service, policy: Policy, *, sent: bool = False) -> list[Progress]:
    """All steps of an application; of one that was sent, none leads back."""
    steps = steps_of(policy)
    return [
        *(Progress(one.label, "" if sent else step_url(service, one)) for one in steps),
        Progress(CHECK),
        Progress(SENT),
    ]


def _registered(request: OrganisationRequest) -> dict[str, str]:
    """What is known before anything was typed: of the organisation, and of the person as first contact."""
    organisation, person = request.organisation, request.user
    contact = f"{PARTICULAR}{ContactsForm.first_contact}"
    return {
        "kana": organisation.kana,
        "corporate_number": organisation.corporate_number,
        "postal_code": organisation.postal_code,
        "address": organisation.address,
        f"{PARTICULAR}phone": organisation.phone,
        f"{contact}_name": person.display_name,
        f"{contact}_phone": organisation.phone,
        f"{contact}_email": person.email,
    }


def _estimated(version: TermsVersion, typed: dict[str, str]) -> dict[str, Any]:
    form = ProductsForm(version, typed)
    form.full_clean()
    quantities = form.quantities()
    return {
        "version": version,
        "quantities": quantities,
        "quotations": quotations(version.policy, quantities),
        "hints": hints(version.policy, quantities),
    }
