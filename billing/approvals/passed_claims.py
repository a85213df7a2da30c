"""Which debts pass to a successor, as a document names them, as a proposal to a second person."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from billing.approvals.amounts import AmountKind, about_contract, contract_of, small
from billing.models import Invoice
from billing.receivables.passed_on import PASSING as PASSING_KEY
from billing.receivables.passed_on import pass_named_claims, to_name
from contracts.rules.policy.base import Strict
from contracts.wording.formats import yen_text
from portal.approvals.kinds import Line, OvertakenError, Subject
from portal.approvals.models import Proposal
from portal.organisations.models import User


class PassingData(Strict):
    """A contract, and the numbers of the invoices that its present customer owes by now; the rest stays."""

    contract: str
    invoices: list[str]
    reason: str


def _offered(wanted: PassingData) -> list[Invoice]:
    offered = list(to_name(contract_of(wanted.contract)).select_related("debtor").defer("document"))
    if not offered:
        raise OvertakenError(gettext("Of these debts, some have passed, are paid, or stay by a decision."))
    return offered


def _subject(wanted: PassingData) -> Subject:
    return about_contract(contract_of(wanted.contract), _offered(wanted)[0])


def _lines(wanted: PassingData) -> Iterator[Line]:
    successor = contract_of(wanted.contract).organisation.name
    for invoice in _offered(wanted):
        label = f"{invoice.number} {yen_text(invoice.open_amount)}"
        passes = invoice.number in wanted.invoices
        yield Line(label, invoice.debtor.name, successor if passes else invoice.debtor.name)
    yield Line(gettext("Reason"), "", wanted.reason)


def _pass(wanted: PassingData, approval: Proposal, at: datetime) -> str:
    contract = contract_of(wanted.contract)
    staff = approval.proposed_by
    count = pass_named_claims(contract, wanted.invoices, wanted.reason, staff, approval=approval)
    text = ngettext(
        "%(count)s debt passed to the successor.", "%(count)s debts passed to the successor.", count
    )
    return text % {"count": count}


def _small(wanted: PassingData, limit: int, staff: User) -> Proposal.Without | None:
    """All that is decided about counts, whether it passes or stays."""
    return small(sum(invoice.open_amount for invoice in _offered(wanted)), limit)


def _form(wanted: PassingData) -> str:
    claims = Invoice.objects.filter(contract__number=wanted.contract).exclude(kind=Invoice.Kind.RETURN)
    first = claims.latest("pk")
    about = to_name(contract_of(wanted.contract)).first() or first
    return reverse("admin:billing_invoice_pass_debts", args=[about.pk])


PASSED_CLAIMS = AmountKind(
    key=PASSING_KEY,
    label=_("Debts that pass to a successor"),
    data=PassingData,
    right="billing.change_invoice",
    subject=_subject,
    lines=_lines,
    carry_out=_pass,
    form=_form,
    entered=lambda wanted: {
        "invoices": wanted.invoices,
        "none": not wanted.invoices,
        "reason": wanted.reason,
    },
    spared=_small,
)
