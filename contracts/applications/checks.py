"""What an application must hold, by the policy of the version in force."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contracts.lifecycle.selling.agents import ensure_sells
from contracts.models import SalesAgent, Service, TermsVersion
from contracts.policies.rulebooks import version_in_force
from contracts.rules.calendar.period import japan_date
from contracts.rules.limits import LARGEST_QUANTITY
from contracts.rules.policy.particulars import COMPANY
from contracts.rules.policy.products import Product, missing_needs
from contracts.rules.policy.schema import Policy
from contracts.wording.local_text import localised
from portal.organisations.corporate_number import validate_corporate_number
from portal.organisations.models import POSTAL_CODE


@dataclass(frozen=True, kw_only=True)
class ApplicationData:
    """What the application form holds.

    `version` names the version whose text was shown, `quantities` are by product key, `particulars` by the
    policy's field key. `company` is what is stated of the organisation, by the keys of
    `contracts.wording.particulars.COMPANY`; without it, what the organisation is registered with counts.
    `documents` are the kinds of the documents that come along. `agent` is the key of the sales agent with
    whom the contract is made; without it, the service's first one counts, where agents sell it.
    """

    version: str
    quantities: Mapping[str, int]
    particulars: Mapping[str, str]
    payment_method: str
    consent: bool
    wanted_start_on: date | None = None
    company: Mapping[str, str] = field(default_factory=dict)
    documents: tuple[str, ...] = ()
    agent: str = ""


def check_application(service: Service, data: ApplicationData, at: datetime) -> TermsVersion:
    """The version that would govern an application.

    ValidationError names the form's fields: `quantity_<product>`, `particular_<key>`, `document_<key>`,
    those of `COMPANY`, `payment_method`, `wanted_start_on`, `consent`; what concerns the whole form (no
    product, other version in force) is under `__all__`.
    """
    day = japan_date(at)
    version = _shown_version(service, data, day).sold_by(agent_of(service, data.agent, day), day)
    errors = dict(_problems(version.policy, data, day))
    if errors:
        raise ValidationError(errors)
    return version


def seller_named(service: Service, key: str) -> SalesAgent | None:
    """The agent of a service by its key, for no key the first one; None where there is none."""
    return service.agents.filter(key=key).first() if key else service.first_agent


def agent_of(service: Service, key: str, day: date) -> SalesAgent | None:
    """The agent of a service by its key; None for no key.

    ValidationError (`agent`) for one unknown, and for one that has no rules or no prices on the day.
    """
    if not key:
        return None
    agent = service.agents.filter(key=key).first()
    if agent is None:
        text = _("Nobody called “%(agent)s” sells this service. Choose one of its sales agents.")
        raise ValidationError({"agent": text % {"agent": key}}, code="no_agent")
    ensure_sells(agent, day)
    return agent


def _shown_version(service: Service, data: ApplicationData, day: date) -> TermsVersion:
    version = version_in_force(service, day)
    if version is None:
        raise ValidationError(_("No terms of this service are in force; it can't be applied for."))
    if version.name != data.version:
        raise ValidationError(
            _("Version %(version)s of the terms is in force now. Please read it, then apply again."),
            code="other_version",
            params={"version": version.name},
        )
    return version


def _problems(policy: Policy, data: ApplicationData, day: date) -> Iterator[tuple[str, str]]:
    yield from _company_problems(data.company)
    yield from _particular_problems(policy, data.particulars)
    yield from quantity_problems(policy, data.quantities)
    yield from _document_problems(policy, data.documents)
    if data.payment_method not in policy.application.payment_methods:
        yield "payment_method", _("This service can't be paid in this way.")
    if data.wanted_start_on and data.wanted_start_on < day:
        yield "wanted_start_on", _("The wanted start lies in the past; choose today or a later day.")
    if not data.consent:
        yield "consent", _("An application needs your consent to the terms.")


def _company_problems(company: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if not company:
        return
    for key in company.keys() - set(COMPANY):
        yield key, _("The application doesn't ask for this.")
    if company.get("corporate_number"):
        try:
            validate_corporate_number(company["corporate_number"])
        except ValidationError as error:
            yield "corporate_number", error.messages[0]
    try:
        RegexValidator(POSTAL_CODE)(company.get("postal_code", ""))
    except ValidationError:
        yield "postal_code", _("A postal code has seven digits, as in 100-0001.")
    if not company.get("address", "").strip():
        yield "address", _("Enter the address.")


def quantity_problems(policy: Policy, quantities: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """What the terms don't let be held together, by `quantity_<product>`, or `__all__`."""
    orderable = {product.key: product for product in policy.products if product.orderable}
    for key in quantities.keys() - orderable.keys():
        yield f"quantity_{key}", _("This product can't be ordered.")
    for key, product in orderable.items():
        problem = _problem_of(product, policy, quantities)
        if problem:
            yield f"quantity_{key}", problem
    if not any(quantities.get(key, 0) > 0 for key in policy.base_products):
        yield "__all__", _("Choose at least one basic product; the others need one.")


def _problem_of(product: Product, policy: Policy, quantities: Mapping[str, int]) -> str:
    quantity = quantities.get(product.key, 0)
    if quantity < product.minimum:
        return _("The least is %(least)s.") % {"least": product.minimum}
    most = product.maximum or LARGEST_QUANTITY
    if quantity > most:
        return _("The most is %(most)s.") % {"most": most}
    missing = [localised(policy.product(key).name) for key in missing_needs(product, quantities)]
    if missing:
        others = pgettext("between things", ", ").join(missing)
        return _("This can be ordered only together with: %(others)s.") % {"others": others}
    return ""


def _particular_problems(policy: Policy, particulars: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    asked = {one.key: one.required for one in policy.application.fields}
    for key in particulars.keys() - asked.keys():
        yield f"particular_{key}", _("The application doesn't ask for this.")
    for key, required in asked.items():
        if required and not particulars.get(key, "").strip():
            yield f"particular_{key}", _("Enter this; the terms require it.")


def _document_problems(policy: Policy, documents: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    asked = {one.key: one.required for one in policy.application.documents}
    for kind in set(documents) - asked.keys():
        yield f"document_{kind}", _("The application doesn't ask for this.")
    for kind, required in asked.items():
        if required and kind not in documents:
            yield f"document_{kind}", _("Please attach this document; the terms require it.")
