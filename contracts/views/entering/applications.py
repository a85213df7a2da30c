"""Entering an application of a customer, known or new: how it came, what it says, its papers."""

from typing import Any, cast
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.applications.checks import ApplicationData, check_application
from contracts.applications.entering import enter_application
from contracts.forms.application import DocumentsForm, StepForm, steps_of
from contracts.forms.problems import add_problems
from contracts.forms.receipts import ApplicationPapers, CustomerForm, ReceiptForm
from contracts.models import SalesAgent, Service, TermsVersion
from contracts.models.fields import PaymentMethod
from contracts.policies.rulebooks import version_in_force
from contracts.receipts.received import APPLICATION, ensure_may_enter, ensure_received
from contracts.rules.calendar.period import japan_date
from contracts.views.entering.entry import Entry
from contracts.views.entering.keeping import keeping_text
from contracts.views.entering.steps import key_in
from contracts.wording.particulars import data_statement, labelled
from contracts.wording.products import product_lines
from portal.organisations.models import Organisation
from portal.organisations.operations import OrganisationDetails


class ApplicationEntry(Entry):
    """What was posted so far of an application; its beginning names service and known customer."""

    beginning: ReceiptForm
    agent: SalesAgent | None = None
    """Who sells, where that is no question of the paper."""

    @property
    def service(self) -> Service:
        return cast(Service, self.beginning.cleaned_data["service"])

    @property
    def organisation(self) -> Organisation | None:
        return cast("Organisation | None", self.beginning.cleaned_data["organisation"])

    def answer(self) -> HttpResponse:
        """The page of the step that is next, or the application that was stored."""
        going_back = "back" in self.request.POST
        step = "check" if going_back else self.request.POST.get("step", "")
        version = self._version() if step and self.beginning.is_valid() else None
        if version is None:
            return self._page("begin")
        statement = self._statement(version, self.posted if step != "begin" else None)
        if step == "begin" or going_back or not self._is_right(statement):
            return self._page("details", version=version, statement=statement)
        return self._send(statement) if step == "send" else self._confirm(statement)

    def _version(self) -> TermsVersion | None:
        """The version in force at the moment of receipt; None where it can't have come like that."""
        day = japan_date(min(self.received_at, self.at))
        version = version_in_force(self.service, day)
        if version is None:
            text = gettext("No terms of this service were in force at that moment.")
            self.beginning.add_error("service" if "service" in self.beginning.fields else None, text)
            return None
        if self.agent:
            version = version.sold_by(self.agent, day)
        try:
            ensure_may_enter(self.person, self.organisation, self.service, self.agent)
            received = self.beginning.received(self.person, self.at)
            ensure_received(received, version, APPLICATION, with_files=False)
        except ValidationError as error:
            add_problems(self.beginning, error)
            return None
        return version

    def _statement(self, version: TermsVersion, posted: Any | None) -> "Statement":
        statement = Statement(version, self.organisation, self.agent, posted)
        for form in statement.all_forms:
            self.dressed(form)
        return statement

    def _is_right(self, statement: "Statement") -> bool:
        return statement.is_right(self.service, self.beginning.cleaned_data["at"])

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
            papers=self.dressed(papers or ApplicationPapers(policy)),
            keeping=keeping_text(),
            submission_key=self.request.POST.get("submission_key") or uuid4(),
        )

    def _send(self, statement: "Statement") -> HttpResponse:
        papers = ApplicationPapers(statement.version.policy, self.posted, self.request.FILES or None)
        key = key_in(self.request)
        if key is None or not papers.is_valid():
            return self._confirm(statement, papers if key else None)
        paper, documents = papers.papers()
        received = self.beginning.received(self.person, self.at, paper, documents)
        data = statement.data(tuple(sorted(one.kind for one in documents)))
        customer = self.organisation or statement.details()
        try:
            application = enter_application(self.service, customer, data, key, received)
        except ValidationError as error:
            add_problems(papers, error, lambda name: name if name in papers.fields else NON_FIELD_ERRORS)
            return self._confirm(statement, papers)
        self.said(messages.SUCCESS, gettext("%(number)s is recorded."), application.number)
        return redirect(self.address_of(application))


class Statement:
    """What the paper states, as forms: those of the application's steps, and of a new customer."""

    def __init__(
        self,
        version: TermsVersion,
        organisation: Organisation | None,
        agent: SalesAgent | None,
        posted: Any | None,
    ) -> None:
        self.version, self.agent = version, agent
        asks_phone = any(field.key == "phone" for field in version.policy.application.fields)
        self.customer = None if organisation else CustomerForm(posted, with_phone=not asks_phone)
        self.forms: list[StepForm] = [
            self._as_stated(step(version, posted, initial=_known(organisation)))
            for step in steps_of(version.policy)
            if step is not DocumentsForm
        ]

    def _as_stated(self, form: StepForm) -> StepForm:
        """A step as it is read off a paper."""
        if "consent" in form.fields:
            form.fields["consent"].label = _consent_label(self.version)
        if self.agent:
            form.fields.pop("agent", None)
        return form

    def is_right(self, service: Service, at: Any) -> bool:
        """Whether it can be recorded as far as the papers; what can't stands at the fields."""
        own = self.all_forms
        for form in own:
            form.full_clean()
        if any(form.errors for form in own):
            return False
        wanted = tuple(one.key for one in self.version.policy.application.documents)
        try:
            check_application(service, self.data(wanted), at)
        except ValidationError as error:
            for step in self.forms:
                add_problems(step, error, step.place_of)
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
            agent=self.agent.key if self.agent else read.get("agent", ""),
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


def _consent_label(version: TermsVersion) -> Any:
    plain = _("The paper, or the caller, says that version %(version)s of the terms is agreed to.")
    with_data = _(
        "The paper, or the caller, says that version %(version)s of the terms is agreed to, and what is said"
        " of the data that pass to the sales agent."
    )
    return (with_data if data_statement(version) else plain) % {"version": version.name}


def _known(organisation: Organisation | None) -> dict[str, str]:
    """What the portal knows of a customer already."""
    if organisation is None:
        return {}
    names = ("kana", "corporate_number", "postal_code", "address", "phone")
    return {name: str(getattr(organisation, name)) for name in names} | {
        "particular_phone": organisation.phone
    }
