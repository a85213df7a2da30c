"""A contract of an old system as the portal would have it: from its lines, by the rules of its terms."""

from datetime import date, datetime, time
from uuid import uuid4

from contracts.deciding.numbers import next_number
from contracts.extensions.takeover import Bringing
from contracts.models import Application, Contract, NumberCounter, Service, TermsVersion
from contracts.models.fields import in_each_language
from contracts.rules.calendar.period import JAPAN, japan_date
from contracts.rules.life.formation import Formation, start_day
from contracts.rules.policy.particulars import FieldKey
from contracts.rules.policy.schema import Policy
from contracts.rules.stored import to_stored
from contracts.takeover.cells import folded
from contracts.takeover.known import Known
from contracts.takeover.words import articles_in_each_language
from contracts.wording.particulars import LABELS
from portal.organisations.models import Organisation

AGENT: FieldKey = "sales_agent"


def noon(day: date) -> datetime:
    """The moment that stands for a day of which no more is known."""
    return datetime.combine(day, time(12), JAPAN)


def stored_contract(bringing: Bringing, known: Known) -> Contract | None:
    """Store the contract with what stands for its application; None where its line doesn't let it be."""
    service, customer = _service(bringing, known), known.customer(bringing.first, bringing)
    if customer and customer.pk in known.own:
        bringing.refuse(bringing.first, "customer", "own_organisation")
    if not _days_in_order(bringing) or service is None or customer is None:
        return None
    version = _version(bringing, known, service)
    if version is None:
        return None
    _check_payment_method(bringing, known, service)
    number = next_number(NumberCounter.Kind.CONTRACT, japan_date(bringing.at))
    application = _application(bringing, service, customer, version, number)
    contract = Contract(
        number=number,
        service=service,
        organisation=customer,
        application=application,
        contracted_version=version,
        payment_method=application.payment_method,
        applied_at=application.submitted_at,
        accepted_at=application.submitted_at,
        acceptance_sent_at=application.submitted_at,
        registered_at=application.submitted_at,
        activation_start_on=bringing.first["service_starts_on"],
        wanted_start_on=bringing.first["service_starts_on"],
    )
    _form(bringing, known, contract)
    contract.save(force_insert=True)
    return contract


def _service(bringing: Bringing, known: Known) -> Service | None:
    line = bringing.first
    service = known.service(line["service"] or "")
    if service is None:
        bringing.refuse(line, "service", "no_service", written=line["service"] or "")
    return service


def _days_in_order(bringing: Bringing) -> bool:
    line, today = bringing.first, japan_date(bringing.at)
    formed_on, starts_on = line["formed_on"], line["service_starts_on"]
    before = len(bringing.problems)
    if formed_on is None or starts_on is None or line["payment_method"] is None:
        return False  # what is missing was told when the file was read
    if formed_on > today:
        bringing.refuse(line, "formed_on", "to_come", day=formed_on)
    if starts_on < formed_on:
        bringing.refuse(
            line, "service_starts_on", "start_before_formation", start=starts_on, formed=formed_on
        )
    return len(bringing.problems) == before


def _version(bringing: Bringing, known: Known, service: Service) -> TermsVersion | None:
    line, formed_on = bringing.first, bringing.first["formed_on"]
    in_force = known.in_force(service, formed_on)
    if not line["version"]:
        if in_force is None:
            bringing.refuse(line, "formed_on", "no_terms_then", day=formed_on)
        return in_force
    version = known.version(service, line["version"])
    if version is None:
        bringing.refuse(line, "version", "no_version", written=line["version"])
    elif in_force is None or version.pk != in_force.pk:
        then = in_force.name if in_force else "–"
        bringing.refuse(line, "version", "not_in_force", written=version.name, day=formed_on, then=then)
        return None
    return version


def _check_payment_method(bringing: Bringing, known: Known, service: Service) -> None:
    version = known.books.in_force(service, japan_date(bringing.at))
    method = bringing.first["payment_method"]
    if version and method not in version.policy.application.payment_methods:
        bringing.refuse(bringing.first, "payment_method", "payment_method")


def _application(
    bringing: Bringing, service: Service, customer: Organisation, version: TermsVersion, number: str
) -> Application:
    line = bringing.first
    moment = noon(line["formed_on"])
    return Application.everything.create(
        number=f"{number}-0",
        service=service,
        terms_version=version,
        organisation=customer,
        applicant=bringing.staff,
        status=Application.Status.BROUGHT_IN,
        particulars=_particulars(bringing, version.policy),
        wanted_start_on=line["service_starts_on"],
        payment_method=line["payment_method"],
        submitted_at=moment,
        submission_key=uuid4(),
        decided_at=bringing.at,
        decided_by=bringing.staff,
    )


def _particulars(bringing: Bringing, policy: Policy) -> dict[str, str]:
    named = {}
    for asked in policy.application.fields:
        for name in (asked.key, *in_each_language(LABELS[asked.key]).values()):
            named[folded(name)] = asked.key
    stated: dict[str, str] = {}
    for line in bringing.of("particulars"):
        key = named.get(folded(line["field"]))
        if line["field"] and key is None:
            bringing.refuse(line, "field", "no_field", written=line["field"])
        elif key in stated:
            bringing.refuse(line, "field", "field_twice", written=line["field"])
        elif key and line["value"]:
            stated[key] = line["value"]
    if bringing.first["agent"]:
        stated[AGENT] = bringing.first["agent"]
    return stated


def _form(bringing: Bringing, known: Known, contract: Contract) -> None:
    """Decide by the rules of the version; the days of the file stand where the terms let them."""
    line = bringing.first
    version = contract.contracted_version.read_on(japan_date(contract.applied_at))
    decided: Formation = known.books.of(version).formation(contract.facts)
    rule, starts_on = version.policy.formation, line["service_starts_on"]
    charged_from = start_day(rule.billing_start.rule, starts_on)
    if decided.service_starts_on != starts_on:
        bringing.remark(
            line,
            "service_starts_on",
            "starts_otherwise",
            day=decided.service_starts_on,
            articles=articles_in_each_language(version, rule.service_start.article),
        )
    billed_from = line["billed_from_on"] or charged_from
    about = {
        "day": charged_from,
        "articles": articles_in_each_language(version, rule.billing_start.article),
    }
    if billed_from < min(charged_from, line["formed_on"]):
        about = {"start": billed_from, "formed": line["formed_on"]}
        bringing.refuse(line, "billed_from_on", "charged_before_formation", **about)
    elif billed_from < charged_from:
        bringing.refuse(line, "billed_from_on", "charged_too_early", **about)
    elif billed_from != charged_from:
        bringing.remark(line, "billed_from_on", "charged_otherwise", **about)
    contract.formed_on = line["formed_on"]
    contract.service_starts_on = starts_on
    contract.billed_from_on = billed_from
    contract.formation = to_stored(decided)
