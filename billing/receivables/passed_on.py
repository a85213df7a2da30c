"""Who owes what once another has taken a customer's place: its debts pass with the contract, or stay."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models import Invoice, PassedClaim
from billing.receivables.held import pass_held
from contracts.deciding.guards import locked_contract
from contracts.models import Contract, ContractParty
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import Organisation, User

PASSING = "passed_claims"
"""The kind of proposal that lets a successor owe named debts."""


def pass_claims(party: ContractParty, predecessor: Organisation) -> None:
    """Let a new party owe what its predecessor owed of the contract, where its debts pass.

    What is paid already passes too: should its payment turn out not to count, the successor owes it. What is
    kept for an invoice goes with it; other credit stays with whoever paid it. Runs inside the transaction in
    which the party takes the customer's place.
    """
    if not party.takes_debts or party.organisation_id == predecessor.pk:
        return
    theirs = Invoice.objects.claims().filter(contract=party.contract_id, debtor=predecessor)
    _pass(theirs, party, None)


def to_name(contract: Contract) -> QuerySet[Invoice]:
    """Open debts of former customers, of which nobody has said by now if they passed to the present one."""
    unsaid = ContractParty.objects.filter(contract=contract, takes_debts=None)
    owed = Invoice.objects.claims().filter(contract=contract, open_amount__gt=0)
    return owed.exclude(debtor=contract.organisation_id).filter(Exists(unsaid)).order_by("due_on", "number")


@transaction.atomic
def pass_named_claims(
    contract: Contract,
    numbers: Collection[str],
    reason: str,
    staff: User,
    *,
    approval: Proposal | None = None,
) -> int:
    """Let the present customer owe those debts of its predecessors that a document names; gives how many.

    That is the plan of a split, or an agreement with the provider's consent, which the reason names; the rest
    stays. ValidationError without the approval of a second person (`second_person`) or the reason, for other
    invoices than those `to_name`, where none is to be named, and for staff's own organisation.
    """
    ensure_second_person(approval, PASSING)
    if not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})
    locked = locked_contract(contract)
    offered = {invoice.number: invoice.debtor for invoice in to_name(locked).select_related("debtor")}
    if not offered or not set(numbers) <= set(offered):
        raise ValidationError(_("Of these debts, some have passed, are paid, or stay by a decision."))
    for organisation in {locked.organisation, *offered.values()}:
        ensure_no_own_cause(staff, organisation)
    last = locked.parties.order_by("starts_on", "pk").last()
    if last is None:
        raise ValidationError(_("Of these debts, some have passed, are paid, or stay by a decision."))
    _pass(to_name(locked).filter(number__in=numbers), last, staff, reason.strip())
    locked.parties.filter(takes_debts=None).update(takes_debts=bool(numbers))
    if not numbers:
        record("claims.stayed", staff, locked, invoices=sorted(offered), personal={"reason": reason.strip()})
    return len(numbers)


def _pass(invoices: QuerySet[Invoice], party: ContractParty, staff: User | None, reason: str = "") -> None:
    successor = party.organisation
    locked = invoices.select_for_update(of=("self",)).select_related("provider", "debtor").order_by("pk")
    claims = list(locked.defer("document"))
    at = timezone.now()
    for invoice in claims:
        pass_held(invoice, successor)
    PassedClaim.objects.bulk_create(
        PassedClaim(
            invoice=invoice,
            party=party,
            from_organisation=invoice.debtor,
            to_organisation=successor,
            amount=invoice.open_amount,
            recorded_at=at,
        )
        for invoice in claims
    )
    Invoice.objects.filter(pk__in=[invoice.pk for invoice in claims]).update(debtor=successor)
    opened = [invoice for invoice in claims if invoice.open_amount]
    if opened:
        record(
            "claims.passed",
            staff,
            party.contract,
            amount=sum(invoice.open_amount for invoice in opened),
            invoices=[invoice.number for invoice in opened],
            on=party.starts_on,
            successor=successor.pk,
            personal={"reason": reason} if reason else {},
        )
