"""Returns of what an invoice charged, as proposals to a second person."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.documents.invoice_document import InvoiceDocument
from billing.invoicing.returns import RETURN as RETURN_KEY
from billing.invoicing.returns import drafted_return, return_all, return_lines
from billing.models import Invoice
from contracts.rules.policy.base import LocalText, Strict
from contracts.wording.formats import yen_text
from contracts.wording.local_text import localised
from portal.approvals.kinds import Kind, Line, OvertakenError, Subject
from portal.approvals.models import Proposal
from portal.approvals.second_person import rule_of
from portal.organisations.models import User


class ReturnData(Strict):
    """Amounts of an invoice's lines by their places, in yen without tax; None: all that is left of it."""

    invoice: int
    amounts: dict[int, int] | None
    reason: str


def _invoice(wanted: ReturnData) -> Invoice:
    found = Invoice.objects.select_related("contract__service__provider", "contract__organisation")
    return found.get(pk=wanted.invoice)


def _subject(wanted: ReturnData) -> Subject:
    invoice = _invoice(wanted)
    if invoice.is_cancelled:
        raise OvertakenError(gettext("The invoice %(number)s is cancelled.") % {"number": invoice.number})
    return Subject(
        about=invoice,
        name=f"{invoice.number} {invoice.contract.organisation.name}",
        provider=invoice.contract.service.provider.code,
        organisation=invoice.contract.organisation,
    )


def _draft(wanted: ReturnData) -> InvoiceDocument:
    return drafted_return(_invoice(wanted), wanted.amounts, wanted.reason, localdate())


def _returned_before(invoice: Invoice) -> int:
    """What earlier returns took back, in yen with tax."""
    return -int(invoice.returns.live().aggregate(sum=Sum("gross", default=0))["sum"])


def _lines(wanted: ReturnData) -> Iterator[Line]:
    invoice, draft = _invoice(wanted), _draft(wanted)
    charged = invoice.gross - _returned_before(invoice)
    for line in draft["lines"]:
        yield Line(localised(LocalText(**line["name"])), "", yen_text(line["amount"]))
    yield Line(gettext("Tax"), "", yen_text(draft["tax"]))
    yield Line(gettext("Return with tax"), "", yen_text(draft["gross"]))
    yield Line(
        gettext("Left of the invoice, with tax"), yen_text(charged), yen_text(charged + draft["gross"])
    )
    yield Line(gettext("Reason"), "", wanted.reason)


def _issue(wanted: ReturnData, approval: Proposal, at: datetime) -> str:
    invoice, staff = _invoice(wanted), approval.proposed_by
    if wanted.amounts is None:
        issued = return_all(invoice, wanted.reason, staff, at, approval=approval)
    else:
        issued = return_lines(invoice, wanted.amounts, wanted.reason, staff, at, approval=approval)
    _ensure_still_small(invoice, approval)
    return gettext("%(number)s is issued: %(amount)s.") % {
        "number": issued.number,
        "amount": yen_text(issued.gross),
    }


def _ensure_still_small(invoice: Invoice, approval: Proposal) -> None:
    """Two returns at once may each have looked small; now the invoice is locked, and all of them count."""
    if approval.without_second != Proposal.Without.SMALL:
        return
    if _returned_before(invoice) > rule_of(approval.provider).amounts.get(RETURN_KEY, 0):
        text = gettext("Another return of this invoice was issued at the same moment. Please try again.")
        raise ValidationError(text, "small_together")


def _small(wanted: ReturnData, amount: int, staff: User) -> Proposal.Without | None:
    """All returns of an invoice count together, so that none is small in parts."""
    returned = _returned_before(_invoice(wanted)) - _draft(wanted)["gross"]
    return Proposal.Without.SMALL if returned <= amount else None


def _form(wanted: ReturnData) -> str:
    page = "return_rest" if wanted.amounts is None else "return_part"
    return reverse(f"admin:billing_invoice_{page}", args=[wanted.invoice])


def _entered(wanted: ReturnData) -> dict[str, Any]:
    amounts = {f"line_{place}": amount for place, amount in (wanted.amounts or {}).items()}
    return {"reason": wanted.reason, **amounts}


RETURN = Kind(
    key=RETURN_KEY,
    label=_("Return"),
    data=ReturnData,
    right="billing.change_invoice",
    subject=_subject,
    lines=_lines,
    carry_out=_issue,
    form=_form,
    entered=_entered,
    spared=_small,
    has_amount=True,
)
