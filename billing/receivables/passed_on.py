"""Who owes what once another has taken a customer's place: its debts pass with the contract, or stay."""

from django.utils import timezone

from billing.models import Invoice, PassedClaim
from billing.receivables.held import pass_held
from contracts.models import ContractParty
from portal.audit.record import record
from portal.organisations.models import Organisation


def pass_claims(party: ContractParty, predecessor: Organisation) -> None:
    """Let a new party owe what its predecessor owed of the contract, where its debts pass.

    What is paid already passes too: should its payment turn out not to count, the successor owes it. What is
    kept for an invoice goes with it; other credit stays with whoever paid it. Runs inside the transaction in
    which the party takes the customer's place.
    """
    successor = party.organisation
    if not party.takes_debts or successor.pk == predecessor.pk:
        return
    theirs = Invoice.objects.charging().filter(contract=party.contract_id, debtor=predecessor)
    locked = theirs.select_for_update(of=("self",)).select_related("provider", "debtor").order_by("pk")
    claims = list(locked.defer("document"))
    at = timezone.now()
    for invoice in claims:
        pass_held(invoice, successor)
    PassedClaim.objects.bulk_create(
        PassedClaim(
            invoice=invoice,
            party=party,
            from_organisation=predecessor,
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
            None,
            party.contract,
            amount=sum(invoice.open_amount for invoice in opened),
            invoices=[invoice.number for invoice in opened],
            on=party.starts_on,
            successor=successor.pk,
        )
