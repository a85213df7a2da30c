"""What staff can do about an issued invoice: return amounts, cancel, issue anew, charge late interest."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import action
from unfold.enums import ActionVariant

from billing.admin.forms import ReasonForm
from billing.admin.invoicing.forms import PassingForm, ReturnForm
from billing.approvals.charges import LATE_INTEREST, LateInterestData
from billing.approvals.corrections import CANCELLATION, REISSUE, CorrectionData
from billing.approvals.passed_claims import PASSED_CLAIMS, PassingData
from billing.approvals.returns import RETURN, ReturnData
from billing.receivables.passed_on import to_name
from contracts.admin.forms import ConfirmForm
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.admin.proposing import proposing
from contracts.wording.formats import yen_text
from portal.approvals.kinds import Kind, W


class InvoiceActions(ReadOnlyAdmin):
    """The action pages of an invoice."""

    def standing_actions(self, invoice: Any) -> tuple[str, ...]:
        """Those that make sense for an invoice as it is now."""
        if invoice.is_return or invoice.is_cancelled:
            return ()
        if invoice.is_brought:
            return ()
        if to_name(invoice.contract).filter(pk=invoice.pk).exists():
            return ("pass_debts", *self._about_amounts(invoice))
        return self._about_amounts(invoice)

    def _about_amounts(self, invoice: Any) -> tuple[str, ...]:
        interest = () if invoice.open_amount else ("charge_interest",)
        if not invoice.returned:
            return (*interest, "return_part", "return_rest", "reissue", "cancel")
        left = invoice.returned < invoice.gross
        return (*interest, "return_part", "return_rest", "reissue") if left else interest

    @action(description=_("Return amounts"), url_path="return-part", permissions=["act"])
    def return_part(self, request: HttpRequest, object_id: str) -> HttpResponse:
        invoice = self._invoice(request, object_id)

        def wanted(data: dict[str, Any]) -> ReturnData:
            return ReturnData(invoice=invoice.pk, amounts=data["amounts"], reason=data["reason"])

        form = partial(ReturnForm, invoice)
        return self._proposal(request, invoice, RETURN, _("Return amounts"), form, wanted)

    @action(description=_("Return all that is left"), url_path="return-rest", permissions=["act"])
    def return_rest(self, request: HttpRequest, object_id: str) -> HttpResponse:
        invoice = self._invoice(request, object_id)

        def wanted(data: dict[str, Any]) -> ReturnData:
            return ReturnData(invoice=invoice.pk, amounts=None, reason=data["reason"])

        return self._proposal(request, invoice, RETURN, _("Return all that is left"), ReasonForm, wanted)

    @action(description=_("Cancel and issue anew"), url_path="reissue", permissions=["act"])
    def reissue(self, request: HttpRequest, object_id: str) -> HttpResponse:
        invoice = self._invoice(request, object_id)

        def wanted(data: dict[str, Any]) -> CorrectionData:
            return CorrectionData(invoice=invoice.pk, reason=data["reason"])

        return self._proposal(request, invoice, REISSUE, _("Cancel and issue anew"), ReasonForm, wanted)

    @action(
        description=pgettext_lazy("invoice", "Cancel"),
        url_path="cancel",
        permissions=["act"],
        variant=ActionVariant.DANGER,
    )
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        invoice = self._invoice(request, object_id)

        def wanted(data: dict[str, Any]) -> CorrectionData:
            return CorrectionData(invoice=invoice.pk, reason=data["reason"])

        title = pgettext_lazy("invoice", "Cancel")
        return self._proposal(request, invoice, CANCELLATION, title, ReasonForm, wanted)

    @action(description=_("Debts after the succession"), url_path="pass-debts", permissions=["act"])
    def pass_debts(self, request: HttpRequest, object_id: str) -> HttpResponse:
        invoice = self._invoice(request, object_id)
        contract = invoice.contract

        def wanted(data: dict[str, Any]) -> PassingData:
            return PassingData(contract=contract.number, invoices=data["invoices"], reason=data["reason"])

        title = _("Debts after the succession")
        form = partial(PassingForm, list(to_name(contract).select_related("debtor")))
        return self._proposal(request, invoice, PASSED_CLAIMS, title, form, wanted)

    @action(description=_("Charge late interest"), url_path="charge-interest", permissions=["act"])
    def charge_interest(self, request: HttpRequest, object_id: str) -> HttpResponse:
        invoice = self._invoice(request, object_id)

        def wanted(data: dict[str, Any]) -> LateInterestData:
            return LateInterestData(invoice=invoice.pk)

        title = _("Charge late interest")
        return self._proposal(request, invoice, LATE_INTEREST, title, ConfirmForm, wanted)

    def _invoice(self, request: HttpRequest, object_id: str) -> Any:
        return get_object_or_404(self.get_queryset(request), pk=object_id)

    def _proposal(
        self,
        request: HttpRequest,
        invoice: Any,
        kind: Kind[W],
        title: Any,
        form: Any,
        wanted: Callable[[dict[str, Any]], W],
    ) -> HttpResponse:
        facts = [
            (_("Invoice number"), invoice.number),
            (_("organisation"), invoice.organisation.name),
            (_("With tax"), yen_text(invoice.gross)),
            (_("Returned"), yen_text(invoice.returned)),
        ]
        page = ActionPage(
            title=title,
            button=_("Propose"),
            form=form,
            act=proposing(request, kind, wanted),
            facts=facts,
            kind=kind,
        )
        return run_action(self, request, str(invoice.pk), page)
