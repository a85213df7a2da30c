"""Entering an application of a customer, known or new: how it came, what it says, its papers."""

from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminFileFieldWidget

from contracts.admin.receipts.forms import FILES, ApplicationBeginning, CustomerForm, PapersForm, dressed
from contracts.admin.receipts.keeping import keeping_text
from contracts.admin.receipts.steps import channel_text, key_in
from contracts.applications.checks import ApplicationData, check_application
from contracts.applications.entering import enter_application
from contracts.forms.application import DocumentsForm, StepForm, steps_of
from contracts.forms.application_fields import DOCUMENT
from contracts.forms.problems import add_problems
from contracts.models import Service, TermsVersion
from contracts.models.fields import PaymentMethod
from contracts.policies.rulebooks import version_in_force
from contracts.receipts.received import APPLICATION, Paper, ensure_may_enter, ensure_received
from contracts.rules.calendar.period import japan_date
from contracts.rules.policy.schema import Policy
from contracts.wording.local_text import localised
from contracts.wording.particulars import labelled
from contracts.wording.products import product_lines
from portal.organisations.models import Organisation, User
from portal.organisations.operations import OrganisationDetails
from portal.staffing.admin import keep_within

RIGHT = "contracts.add_application"


class ApplicationPapers(PapersForm):
    """The scanned paper, and the documents that the policy asks for."""

    def __init__(self, policy: Policy, *args: Any) -> None:
        super().__init__(*args)
        del self.fields["proof"]
        for document in policy.application.documents:
            self.fields[DOCUMENT + document.key] = forms.FileField(
                label=localised(document.name),
                required=False,
                widget=UnfoldAdminFileFieldWidget(attrs=FILES),
            )
        dressed(self)

    def papers(self) -> tuple[Paper | None, tuple[Paper, ...]]:
        found = {name: file for name, file in self.cleaned_data.items() if file}
        paper = found.pop("paper", None)
        proofs = (Paper(file.name, file.read(), name.removeprefix(DOCUMENT)) for name, file in found.items())
        return Paper(paper.name, paper.read()) if paper else None, tuple(proofs)


class Entry:
    """What was posted so far, step by step."""

    def __init__(self, admin: ModelAdmin, request: HttpRequest) -> None:
        self.admin, self.request = admin, request
        self.staff = cast(User, request.user)
        self.at = now()
        self.posted = request.POST if request.method == "POST" else None
        self.beginning = ApplicationBeginning(self.posted)
        keep_within(request.user, self.beginning)
        if not self.posted and "organisation" in request.GET:
            self.beginning.initial["organisation"] = request.GET["organisation"]

    def answer(self) -> HttpResponse:
        """The page of the step that is next, or the application that was stored."""
        going_back = "back" in self.request.POST
        step = "check" if going_back else self.request.POST.get("step", "")
        version = self._version() if step and self.beginning.is_valid() else None
        if version is None:
            return self._page("begin")
        paper = Statement(version, self.organisation, self.posted if step != "begin" else None)
        if step == "begin" or going_back or not paper.is_right(self.service, self.received_at):
            return self._page("details", version=version, statement=paper)
        return self._send(paper) if step == "send" else self._confirm(paper)

    @property
    def service(self) -> Service:
        return cast(Service, self.beginning.cleaned_data["service"])

    @property
    def organisation(self) -> Organisation | None:
        return cast("Organisation | None", self.beginning.cleaned_data["organisation"])

    @property
    def received_at(self) -> datetime:
        return cast(datetime, self.beginning.cleaned_data["at"])

    def _version(self) -> TermsVersion | None:
        """The version in force at the moment of receipt; None where it can't have come like that."""
        version = version_in_force(self.service, japan_date(min(self.received_at, self.at)))
        if version is None:
            text = gettext("No terms of this service were in force at that moment.")
            self.beginning.add_error("service", text)
            return None
        try:
            ensure_may_enter(self.staff, self.organisation, self.service)
            received = self.beginning.received(self.staff, self.at)
            ensure_received(received, version, APPLICATION, with_files=False)
        except ValidationError as error:
            add_problems(self.beginning, error)
            return None
        return version

    def _confirm(self, statement: "Statement", papers: ApplicationPapers | None = None) -> HttpResponse:
        """All of it once more, and the place for the papers."""
        data, policy = statement.data(), statement.version.policy
        return self._page(
            "send",
            version=statement.version,
            statement=statement,
            items=product_lines(policy, list(data.quantities.items())),
            particulars=list(labelled(policy, {**data.company, **data.particulars})),
            wanted_start_on=data.wanted_start_on,
            payment_method=PaymentMethod(data.payment_method).label,
            papers=papers or ApplicationPapers(policy),
            keeping=keeping_text(),
            submission_key=self.request.POST.get("submission_key") or uuid4(),
        )

    def _send(self, statement: "Statement") -> HttpResponse:
        papers = ApplicationPapers(statement.version.policy, self.posted, self.request.FILES or None)
        key = key_in(self.request)
        if key is None or not papers.is_valid():
            return self._confirm(statement, papers if key else None)
        paper, documents = papers.papers()
        received = self.beginning.received(self.staff, self.at, paper, documents)
        data = statement.data(tuple(sorted(one.kind for one in documents)))
        customer = self.organisation or statement.details()
        try:
            application = enter_application(self.service, customer, data, key, received)
        except ValidationError as error:
            add_problems(papers, error, lambda name: name if name in papers.fields else NON_FIELD_ERRORS)
            return self._confirm(statement, papers)
        messages.success(self.request, gettext("%(number)s is recorded.") % {"number": application.number})
        return redirect("admin:contracts_application_change", application.pk)

    def _page(self, step: str, **more: Any) -> HttpResponse:
        typed = self.beginning.cleaned_data if step != "begin" else {}
        context = {
            **self.admin.admin_site.each_context(self.request),
            "opts": self.admin.opts,
            "title": _("Enter an application that came beside the portal"),
            "step": step,
            "beginning": self.beginning,
            "received": {**typed, "channel_text": channel_text(typed["channel"])} if typed else {},
            "back_url": reverse("admin:contracts_application_changelist"),
            "media": self.beginning.media,
            **more,
        }
        return TemplateResponse(self.request, "admin/receipts/application.html", context)


class Statement:
    """What the paper states, as forms: those of the application's steps, and of a new customer."""

    def __init__(self, version: TermsVersion, organisation: Organisation | None, posted: Any | None) -> None:
        self.version = version
        asks_phone = any(field.key == "phone" for field in version.policy.application.fields)
        self.customer = None if organisation else CustomerForm(posted, with_phone=not asks_phone)
        self.forms: list[StepForm] = [
            _as_stated(step(version, posted, initial=_known(organisation)))
            for step in steps_of(version.policy)
            if step is not DocumentsForm
        ]

    def is_right(self, service: Service, at: datetime) -> bool:
        """Whether it can be recorded as far as the papers; what can't stands at the fields."""
        own = [*self.forms, *([self.customer] if self.customer else [])]
        for form in own:
            form.full_clean()
        if any(form.errors for form in own):
            return False
        wanted = tuple(one.key for one in self.version.policy.application.documents)
        try:
            check_application(service, self.data(wanted), at)
        except ValidationError as error:
            for form in self.forms:
                add_problems(form, error, form.place_of)
        return not any(form.errors for form in self.forms)

    def data(self, documents: tuple[str, ...] = ()) -> ApplicationData:
        """What is stated, for the operations; only once it is right."""
        read: dict[str, Any] = {}
        company: dict[str, str] = {}
        particulars: dict[str, str] = {}
        quantities: dict[str, int] = {}
        for form in self.forms:
            read |= form.cleaned_data
            company |= form.company()
            particulars |= form.particulars()
            quantities |= form.quantities()
        return ApplicationData(
            version=self.version.name,
            quantities=quantities,
            particulars={key: text for key, text in particulars.items() if text},
            company=company,
            payment_method=read["payment_method"],
            consent=read["consent"],
            wanted_start_on=read.get("wanted_start_on"),
            documents=documents,
        )

    def details(self) -> OrganisationDetails:
        """Of a new customer."""
        data = self.data()
        return cast(CustomerForm, self.customer).details(data.company, data.particulars.get("phone", ""))

    @property
    def all_forms(self) -> list[forms.Form]:
        """Those of the page, in their order."""
        return [*([self.customer] if self.customer else []), *self.forms]

    @property
    def errors(self) -> list[str]:
        """What stands against it beside its fields."""
        return [str(error) for form in self.all_forms for error in form.non_field_errors()]

    @property
    def is_wrong(self) -> bool:
        return any(form.is_bound and form.errors for form in self.all_forms)


def _known(organisation: Organisation | None) -> dict[str, str]:
    """What the portal knows of a customer already."""
    if organisation is None:
        return {}
    names = ("kana", "corporate_number", "postal_code", "address", "phone")
    return {name: str(getattr(organisation, name)) for name in names} | {
        "particular_phone": organisation.phone
    }


def _as_stated(form: StepForm) -> StepForm:
    """A step as staff read it off a paper."""
    if "consent" in form.fields:
        shown = {"version": form.terms_version.name}
        label = (
            _("The paper, or the caller, says that version %(version)s of the terms is agreed to.") % shown
        )
        form.fields["consent"].label = label
    dressed(form)
    return form


def enter(admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """The pages on which an application is entered."""
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied
    return Entry(admin, request).answer()
