"""A customer whose contract runs and was billed, made by the operations, for tests of single pages."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from billing.models import Invoice
from billing.runs.bill import bill
from contracts.applications.acceptance import deliver_acceptance
from contracts.applications.checks import ApplicationData
from contracts.applications.decide import accept_application, submit_application
from contracts.applications.drafts import save_draft
from contracts.models import Application, Contract, ContractRequest, Notice, Service, TermsVersion
from contracts.notices.send import send_notice
from contracts.requests.kinds.reported import NameData
from contracts.rules.calendar.period import Month
from portal.organisations.models import Organisation, User
from tests import scenes
from tests.browser.services import at

SERVICE = "ct-e1"
APPLIED_AT = at(2026, 7, 6)
BILLED = Month(2026, 8)
KEY = UUID("00000000-0000-4000-8000-000000000001")


@dataclass(frozen=True)
class Scene:
    user: User
    version: TermsVersion
    application: Application
    contract: Contract
    request: ContractRequest
    invoice: Invoice
    notice: Notice
    announced: TermsVersion

    @property
    def public_pages(self) -> dict[str, str]:
        """The main pages that everybody may read, by a name for messages."""
        return {
            "front page": reverse("home"),
            "services": reverse("contracts:service-list"),
            "service": reverse("contracts:service-detail", args=[SERVICE]),
            "notices to everybody": reverse("contracts:public-notice-list"),
            "notice to everybody": reverse("contracts:public-notice-detail", args=[self.notice.pk]),
            "terms of all": reverse("contracts:terms-list"),
            "history of terms": reverse("contracts:terms-history", args=[SERVICE]),
            "terms": reverse("contracts:terms-version", args=[SERVICE, self.version.name]),
            "sign-in": reverse("account_login"),
            "sign-up": reverse("account_signup"),
        }

    @property
    def own_pages(self) -> dict[str, str]:
        """The customer's own main pages."""
        return {
            "home": reverse("home"),
            **{
                f"application, {step}": reverse("contracts:application-step", args=[SERVICE, step])
                for step in ("company", "contacts", "products", "consent")
            },
            "discarding a draft": reverse("contracts:application-discard", args=[SERVICE]),
            "application": reverse("contracts:application-detail", args=[self.application.number]),
            "contracts": reverse("contracts:contract-list"),
            "contract": reverse("contracts:contract-detail", args=[self.contract.number]),
            "what if": reverse("contracts:contract-what-if", args=[self.contract.number]),
            "what if, a change": reverse("contracts:contract-what-if", args=[self.contract.number])
            + "?kind=quantity_up",
            "changing a contract": reverse("contracts:contract-change", args=[self.contract.number]),
            "timeline": reverse("contracts:contract-timeline", args=[self.contract.number]),
            "calendar": reverse("contracts:calendar"),
            "request form": reverse(
                "contracts:contract-request-new", args=[self.contract.number, "cancellation"]
            ),
            "request for more": reverse(
                "contracts:contract-request-new", args=[self.contract.number, "quantity_up"]
            ),
            "succession": reverse(
                "contracts:contract-request-new", args=[self.contract.number, "succession"]
            ),
            "request": reverse("contracts:contract-request-detail", args=[self.request.number]),
            "withdrawing a request": reverse(
                "contracts:contract-request-withdraw", args=[self.request.number]
            ),
            "documents of an application": reverse(
                "contracts:application-documents", args=[self.application.number]
            ),
            "notices": reverse("contracts:notice-list"),
            "notice": reverse("contracts:notice-detail", args=[self.notice.pk]),
            "consent to a new version": reverse(
                "contracts:consent-renewal", args=[self.announced.service.slug, self.announced.name]
            ),
            "refusing a new version": reverse(
                "contracts:consent-refusal", args=[self.announced.service.slug, self.announced.name]
            ),
            "invoices": reverse("billing:invoice-list"),
            "payment methods": reverse("billing:invoice-payment-methods"),
            "invoice": reverse("billing:invoice-detail", args=[self.invoice.number]),
            "asking for a statement": reverse("billing:invoice-statement", args=[self.invoice.provider.code]),
            "inquiries": reverse("contracts:inquiry-list"),
            "asking": reverse("contracts:inquiry-new"),
            "help": reverse("help:index"),
            "glossary": reverse("help:glossary"),
            "privacy policy": reverse("imprint:text", args=["privacy"]),
            "account": reverse("account"),
            "passkeys and second factor": reverse("mfa_index"),
            "sessions": reverse("account_sessions"),
            "history of sign-ins": reverse("account_sign_ins"),
            "closing the account": reverse("account_close"),
        }


def set_scene(user: User, organisation: Organisation, staff: User) -> Scene:
    service = Service.objects.get(slug=SERVICE)
    version = TermsVersion.objects.in_force(service, APPLIED_AT.date())
    data = ApplicationData(
        version=version.name,
        quantities={"line": 2, "seat": 3, "admin": 1, "user": 4, "number-first": 1},
        particulars={asked.key: "本社 受付" for asked in version.policy.application.fields},
        payment_method="transfer",
        consent=True,
        wanted_start_on=date(2026, 8, 1),
    )
    application = submit_application(service, organisation, user, data, KEY, APPLIED_AT, None)
    save_draft(organisation, service, user, {}, APPLIED_AT)
    accepted_at = APPLIED_AT + timedelta(days=1)
    scenes.check(application, staff, accepted_at)
    contract = accept_application(application, staff, accepted_at)
    deliver_acceptance(contract, accepted_at)
    contract.refresh_from_db()
    bill(service.provider, BILLED, BILLED.first)
    announced = announce(organisation)
    notice = send_notice(announced.notices.get(), staff, timezone.now())
    invoice = Invoice.objects.get(contract=contract)
    request = scenes.ask(
        contract, "name", NameData(wanted_on=timezone.localdate(), name="新社名"), timezone.now()
    )
    return Scene(user, version, application, contract, request, invoice, notice, announced)


def announce(organisation: Organisation) -> TermsVersion:
    """A version to come of terms that say what follows from refusing it."""
    service = Service.objects.get(slug="simpleconnect")
    contract = scenes.apply(service, {"id": 1}, APPLIED_AT, organisation=organisation)
    scenes.registered(scenes.accept(contract, APPLIED_AT), APPLIED_AT)
    in_two_months = (Month.of(timezone.localdate()) + 2).first
    return scenes.next_version(service, in_two_months, timezone.now())
