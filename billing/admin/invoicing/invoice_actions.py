"""What staff can do about an issued invoice: return amounts, cancel, issue anew, charge late interest."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.enums import ActionVariant

from billing.adjustments.charges_and_credits import charge_late_interest
from billing.admin.adjustments.forms import ReasonForm, ReturnForm
from billing.approvals.returns import RETURN, ReturnData
from billing.invoicing.corrections import cancel_invoice, reissue_invoice
from contracts.admin.forms import ConfirmForm
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.admin.proposing import proposing
from contracts.wording.formats import yen_text
from portal.approvals.kinds import Kind
from portal.organisations.models import User


class InvoiceActions(ReadOnlyAdmin):
    """The action pages of an invoice."""

    def standing_actions(self, invoice: Any) -> tuple[str, ...]:
        """Those that make sense for an invoice as it is now."""
        if invoice.is_return or invoice.is_cancelled:
            return ()
        interest = () if invoice.open_amount else ("charge_interest",)
        if not invoice.returned:
            return (*interest, "return_part", "return_rest", "reissue", "cancel")
        left = invoice.returned < invoice.gross
        return (*interest, "return_part", "return_rest") if left else interest

    @action(description=_("Return amounts"), url_path="return-part", permissions=["act"])
    def return_part(self, request: HttpRequest, object_id: str) -> HttpResponse:
        invoice = self._invoice(request, object_id)

        def wanted(data: dict[str, Any]) -> ReturnData:
            return ReturnData(invoice=invoice.pk, amounts=data["amounts"], reason=data["reason"])

        return self._proposal(request, invoice, _("Return amounts"), partial(ReturnForm, invoice), wanted)

    @action(description=_("Return all that is left"), url_path="return-rest", permissions=["act"])
    def return_rest(self, request: HttpRequest, object_id: str) -> HttpResponse:
        invoice = self._invoice(request, object_id)

        def wanted(data: dict[str, Any]) -> ReturnData:
            return ReturnData(invoice=invoice.pk, amounts=None, reason=data["reason"])

        return self._proposal(request, invoice, _("Return all that is left"), ReasonForm, wanted)

    @action(description=_("Cancel and issue anew"), url_path="reissue", permissions=["act"])
    def reissue(self, request: HttpRequest, object_id: str) -> HttpResponse:
        invoice = self._invoice(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            issued = reissue_invoice(invoice, data["reason"], staff)
            return gettext("%(number)s is issued in place of %(old)s.") % {
                "number": issued.number,
                "old": invoice.number,
            }

        return self._page(request, invoice, _("Cancel and issue anew"), _("Issue anew"), ReasonForm, act)

    @action(
        description=pgettext_lazy("invoice", "Cancel"),
        url_path="cancel",
        permissions=["act"],
        variant=ActionVariant.DANGER,
    )
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        invoice = self._invoice(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            cancel_invoice(invoice, data["reason"], staff)
            return gettext("%(number)s is cancelled.") % {"number": invoice.number}

        return self._page(
            request,
            invoice,
            pgettext_lazy("invoice", "Cancel"),
            _("Cancel the invoice"),
            ReasonForm,
            act,
            danger=True,
        )

    @action(description=_("Charge late interest"), url_path="charge-interest", permissions=["act"])
    def charge_interest(self, request: HttpRequest, object_id: str) -> HttpResponse:
        invoice = self._invoice(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            charged = charge_late_interest(invoice, staff)
            return gettext("Late interest of %(amount)s: the next invoice will state it.") % {
                "amount": yen_text(charged.amount)
            }

        return self._page(request, invoice, _("Charge late interest"), _("Charge"), ConfirmForm, act)

    def _invoice(self, request: HttpRequest, object_id: str) -> Any:
        return get_object_or_404(self.get_queryset(request), pk=object_id)

    def _proposal(
        self,
        request: HttpRequest,
        invoice: Any,
        title: Any,
        form: Any,
        wanted: Callable[[dict[str, Any]], ReturnData],
    ) -> HttpResponse:
        act = proposing(request, RETURN, wanted)
        return self._page(request, invoice, title, _("Propose"), form, act, kind=RETURN)

    def _page(
        self,
        request: HttpRequest,
        invoice: Any,
        title: Any,
        button: Any,
        form: Any,
        act: Any,
        *,
        danger: bool = False,
        kind: Kind[Any] | None = None,
    ) -> HttpResponse:
        facts = [
            (_("Invoice number"), invoice.number),
            (_("organisation"), invoice.organisation.name),
            (_("With tax"), yen_text(invoice.gross)),
            (_("Returned"), yen_text(invoice.returned)),
        ]
        page = ActionPage(
            title=title, button=button, form=form, act=act, facts=facts, danger=danger, kind=kind
        )
        return run_action(self, request, str(invoice.pk), page)
