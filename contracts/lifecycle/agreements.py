"""Individual agreements (特約、個別契約): rules of one contract that go before the terms."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.deciding.guards import field_error, locked_contract
from contracts.extensions.registered import tell_facts_changed
from contracts.lifecycle.documents import keep_document
from contracts.models import Contract, IndividualAgreement, TermsVersion
from contracts.problems.reasons import Reason
from contracts.rules.policy.governing import version_on
from contracts.rules.policy.layer import Layer, agreement
from contracts.rules.policy.layers import layered_policy
from contracts.rules.policy.reading import PolicyError
from contracts.rules.problems import Problem
from contracts.wording.formats import day_text
from contracts.wording.problems import problem_texts
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class AgreementData:
    """What an agreement states. `rules` are TOML in the vocabulary of the policy, only what is replaced."""

    title: str
    effective_on: date
    rules: str
    ends_on: date | None = None
    reason: str = ""


@dataclass(frozen=True)
class SignedDocument:
    """The agreement as both sides signed it."""

    name: str
    content: bytes


@transaction.atomic
def agree(
    contract: Contract, staff: User, data: AgreementData, document: SignedDocument | None, at: datetime
) -> IndividualAgreement:
    """Let rules of a contract differ from the terms from a day on.

    ValidationError names the field: for a contract whose terms don't let agreements go before them, for rules
    that don't fit the policy of a version that governs while the agreement holds, or without its document.
    """
    current = locked_contract(contract)
    ensure_no_own_cause(staff, current.organisation)
    ensure_agreeable(current, data)
    if document is None:
        raise field_error("document", _("Attach the document that both sides signed."), "missing")
    made = IndividualAgreement.objects.create(
        contract=current,
        title=data.title.strip(),
        reason=data.reason.strip(),
        effective_on=data.effective_on,
        ends_on=data.ends_on,
        rules=data.rules.strip() + "\n",
        made_at=at,
        made_by=staff,
    )
    try:
        kept = keep_document(made, staff, document.name, document.content, at)
    except ValidationError as error:
        raise ValidationError({"document": error.messages}) from error
    tell_facts_changed(current.pk)
    record(
        "agreement.made",
        staff,
        current,
        agreement=made.pk,
        effective_on=made.effective_on,
        ends_on=made.ends_on,
        rules=made.rules,
        document_hash=kept.content_hash,
        personal={"title": made.title},
    )
    return made


@transaction.atomic
def end_agreement(agreement: IndividualAgreement, staff: User, ends_on: date) -> IndividualAgreement:
    """Let an agreement hold through a last day; from the next day on the terms stand alone again.

    ValidationError (`ends_on`) for a day before it takes effect, after its end, or where another agreement
    does not fit the terms without it.
    """
    contract = locked_contract(agreement.contract)
    ensure_no_own_cause(staff, contract.organisation)
    current = contract.agreements.get(pk=agreement.pk)
    if ends_on < current.effective_on:
        raise field_error("ends_on", _("The last day cannot come before the first."), "order")
    if current.ends_on and ends_on > current.ends_on:
        raise field_error("ends_on", _("The agreement ends before that day already."), "ended")
    before, current.ends_on = current.ends_on, ends_on
    standing = [one.layer for one in contract.agreements.exclude(pk=current.pk)]
    problems = _problems(contract, [*standing, current.layer], _published(contract))
    if problems:
        raise ValidationError({"ends_on": problem_texts(problems)})
    current.save(update_fields=["ends_on"])
    tell_facts_changed(contract.pk)
    record(
        "agreement.ended",
        staff,
        contract,
        agreement=current.pk,
        ends_on=ends_on,
        before={"ends_on": before},
        personal={"title": current.title},
    )
    return current


def ensure_agreeable(contract: Contract, data: AgreementData) -> None:
    """ValidationError, naming the field, where the contract can't have that agreement."""
    if not data.title.strip():
        raise field_error("title", _("Give the agreement a title."), "missing")
    if data.ends_on and data.ends_on < data.effective_on:
        raise field_error("ends_on", _("The last day cannot come before the first."), "order")
    if contract.ends_on and data.effective_on > contract.ends_on:
        message = _("The contract ends on %(day)s.") % {"day": day_text(contract.ends_on)}
        raise field_error("effective_on", message, "ended")
    versions = _published(contract)
    version = version_on(versions, data.effective_on) or contract.contracted_version
    if not version.takes_agreements:
        message = _("The terms (version %(version)s) don't say that individual agreements go before them.")
        raise field_error("rules", message % {"version": version.name}, "not_provided")
    wanted = agreement(data.title.strip(), data.effective_on, data.ends_on, data.rules)
    standing = [one.layer for one in contract.agreements.all()]
    problems = _problems(contract, in_order([*standing, wanted]), versions)
    if problems:
        raise ValidationError({"rules": problem_texts(problems)})
    on = data.effective_on
    before = contract.layered(version, on)
    held = in_order([*contract.agreed_on(on), wanted])
    if before.policy == contract.layered(version, on, held).policy:
        raise field_error(
            "rules", _("These rules are those of the terms; nothing would change."), "no_change"
        )


def in_order(agreements: Sequence[Layer]) -> tuple[Layer, ...]:
    """Agreements so that the later goes before the earlier; of one day, the one that was made last."""
    return tuple(sorted(agreements, key=lambda one: one.effective_on))


def broken_agreements(version: TermsVersion) -> list[Problem]:
    """The individual agreements that don't fit a version about to be published, each with its contract."""
    made = IndividualAgreement.objects.filter(contract__service=version.service_id)
    contracts = Contract.objects.filter(pk__in=made.values("contract")).select_related("contracted_version")
    return [
        problem
        for contract in contracts.prefetch_related("agreements")
        if not (contract.ends_on and contract.ends_on < version.effective_on)
        for problem in _broken_by(version, contract)
    ]


def _broken_by(version: TermsVersion, contract: Contract) -> Iterator[Problem]:
    agreements = [one.layer for one in contract.agreements.all()]
    coming = [one for one in agreements if one.ends_on is None or one.ends_on >= version.effective_on]
    if coming and not version.takes_agreements:
        reason = Reason("agreement_unknown", {"contract": contract.number})
        yield Problem("individual_agreements", reason)
    for problem in _problems(contract, coming, [version], since=version.effective_on):
        reason = Reason("with_agreement", {"contract": contract.number, "why": problem.reason})
        yield Problem(problem.path, reason)


def _problems(
    contract: Contract,
    agreements: Sequence[Layer],
    versions: Sequence[TermsVersion],
    since: date = date.min,
) -> list[Problem]:
    """What does not fit on a day on which a version or an agreement begins, or an agreement is over."""
    begin = [one.effective_on for one in agreements]
    over = [one.ends_on + ONE_DAY for one in agreements if one.ends_on and one.ends_on < date.max]
    days = {max(day, since) for day in (*begin, *over, *(version.effective_on for version in versions))}
    found: dict[Problem, None] = {}
    for day in sorted(days):
        version = version_on(versions, day) or contract.contracted_version
        held = tuple(one for one in agreements if one.holds_on(day))
        try:
            layered_policy(version.rules_source, contract.layered(version, day, held).all_layers)
        except PolicyError as error:
            found |= dict.fromkeys(error.problems)
    return list(found)


def _published(contract: Contract) -> list[TermsVersion]:
    published = TermsVersion.objects.published().filter(service=contract.service_id)
    return [version.read_on(date.max) for version in published.prefetch_related("revisions")]
