"""Issued invoices: what they state, their PDFs, and what is open."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter, RangeNumericFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from billing.admin.invoicing.forms import PaymentForm
from billing.admin.invoicing.invoice_actions import InvoiceActions
from billing.admin.receivables.payments import received_text
from billing.invoicing.exports import export_documents
from billing.invoicing.reasons import invoice_reasons
from billing.models import Invoice
from billing.receivables.balances import State, in_state, state_of
from billing.receivables.held import held_for
from billing.receivables.late.grounds import for_termination
from billing.receivables.payments import record_payment
from contracts.admin.html import explained, lines, link
from contracts.admin.pages import ActionPage, run_action
from contracts.models import TermsVersion
from contracts.rules.decision import Decision
from contracts.rules.stored import steps_of
from contracts.wording.formats import day_text, yen_text
from portal.organisations.models import User

STATE_COLOURS = {
    State.ISSUED: "info",
    State.PARTLY_PAID: "info",
    State.OVERDUE: "danger",
    State.PAID: "success",
    State.RETURNED: "warning",
    State.CANCELLED: "default",
}


class StateFilter(admin.SimpleListFilter):
    title = _("Payment")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(State.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = localdate()
        match self.value():
            case State.ISSUED | State.PARTLY_PAID | State.OVERDUE | State.PAID as state:
                return queryset.filter(in_state(State(state), today))
            case State.RETURNED:
                return queryset.filter(kind=Invoice.Kind.RETURN)
            case State.CANCELLED:
                return queryset.filter(cancelled_on__isnull=False)
            case State.PASSED_ON:
                return queryset.exclude(debtor=F("organisation"))
            case _:
                return queryset


class UnpaidFilter(admin.SimpleListFilter):
    """Overdue invoices that have lasted long enough to be a ground by the terms."""

    title = _("Ground by the terms")
    parameter_name = "unpaid"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("termination", _("Termination"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != "termination":
            return queryset
        return queryset.filter(pk__in=for_termination(localdate()).values("pk"))


@admin.register(Invoice)
class InvoiceAdmin(InvoiceActions):
    list_display = (
        "number",
        "recipient_name",
        "shown_service",
        "shown_month",
        "issued_on",
        "shown_gross",
        "shown_state",
        "shown_pdf",
    )
    export_without = ("shown_pdf",)
    export_more = (
        "kind",
        "organisation",
        "contract",
        "due_on",
        "shown_net",
        "shown_tax",
        "shown_open",
        "cancelled_on",
    )
    # 電子帳簿保存法: by day, by amount, by counterparty (the search), and combinations of them.
    list_filter = (
        ("issued_on", RangeDateFilter),
        ("gross", RangeNumericFilter),
        StateFilter,
        UnpaidFilter,
        "kind",
        "provider",
        "contract__service",
        "month",
    )
    list_filter_submit = True
    list_select_related = ("organisation", "contract__service")
    search_fields = (
        "number",
        "recipient_name",
        "organisation__name",
        "organisation__kana",
        "contract__number",
    )
    actions = ("download",)
    date_hierarchy = "issued_on"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "number",
                    "shown_payment",
                    "shown_pdf",
                    "kind",
                    "organisation",
                    "debtor",
                    "contract",
                    "run",
                )
            },
        ),
        (
            _("Corrections"),
            {"fields": ("original", "replaces", "shown_later", "cancelled_on", "cancel_reason")},
        ),
        (_("Dates"), {"fields": ("shown_month", "issued_on", "due_on", "shown_added")}),
        (_("Amounts"), {"fields": ("shown_lines", "shown_net", "shown_tax", "shown_gross", "shown_open")}),
        (_("Payments"), {"fields": ("shown_payments",)}),
        (_("How this was worked out"), {"fields": ("shown_reasons", "document_hash", "pdf_hash")}),
    )
    actions_detail = (
        "record_payment",
        "return_part",
        {
            "title": _("More actions"),
            "items": ["charge_interest", "return_rest", "reissue", "cancel", "pass_debts"],
        },
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("organisation", "contract__service")

    def offered(self, obj: Any) -> tuple[str, ...]:
        payable = ("record_payment",) if obj.open_amount else ()
        return (*payable, *self.standing_actions(obj))

    @display(description=_("Returned or replaced by"))
    def shown_later(self, obj: Invoice) -> str:
        later = Invoice.objects.filter(Q(original=obj) | Q(replaces=obj)).order_by("pk")
        return lines(
            link(reverse("admin:billing_invoice_change", args=[pk]), f"{number} {yen_text(gross)}")
            for pk, number, gross in later.values_list("pk", "number", "gross")
        )

    @admin.action(description=_("Download as ZIP with an index"), permissions=["view"])
    def download(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        try:
            pieces = export_documents(queryset, cast(User, request.user))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return None
        reply = StreamingHttpResponse(pieces, content_type="application/zip")
        reply.headers["Content-Disposition"] = f'attachment; filename="documents-{localdate()}.zip"'
        return reply

    @display(description=_("service"), ordering="contract__service")
    def shown_service(self, obj: Invoice) -> str:
        return obj.contract.service.name

    @display(description=_("Month"), ordering="month")
    def shown_month(self, obj: Invoice) -> str:
        return f"{obj.month:%Y-%m}"

    @display(description=_("Without tax"), ordering="net")
    def shown_net(self, obj: Invoice) -> str:
        return yen_text(obj.net)

    @display(description=_("Tax"), ordering="tax")
    def shown_tax(self, obj: Invoice) -> str:
        return yen_text(obj.tax)

    @display(description=_("With tax"), ordering="gross")
    def shown_gross(self, obj: Invoice) -> str:
        return yen_text(obj.gross)

    @display(description=_("Asked for beyond the replaced invoice"))
    def shown_added(self, obj: Any) -> str:
        if not obj.added:
            return "—"
        shown = {"amount": yen_text(obj.added), "day": day_text(obj.added_due_on)}
        return gettext("%(amount)s, due on %(day)s") % shown

    @display(description=_("Open amount"))
    def shown_open(self, obj: Any) -> str:
        return yen_text(obj.open_amount)

    @display(description=_("Payment"), label=STATE_COLOURS)
    def shown_state(self, obj: Any) -> tuple[str, str]:
        return _state(obj), str(_state(obj).label)

    @display(description=_("Payment"))
    def shown_payment(self, obj: Any) -> str:
        return str(_state(obj).label)

    @display(description=_("PDF"))
    def shown_pdf(self, obj: Invoice) -> str:
        if not obj.pdf:
            return gettext("Not made yet")
        return link(reverse("billing:invoice-pdf", args=[obj.number]), "PDF")

    @display(description=_("What is charged"))
    def shown_lines(self, obj: Invoice) -> str:
        return lines(
            f"{part.name} {part.line['quantity']} {part.unit} × {yen_text(part.line['unit_price'])}"
            f" = {yen_text(part.line['amount'])}"
            for part in invoice_reasons(obj.document, self._version(obj)).lines
        )

    @display(description=_("Payments"))
    def shown_payments(self, obj: Invoice) -> str:
        paid = (
            f"{payment.paid_on:%Y-%m-%d} {yen_text(payment.left)} {payment.reference}"
            for payment in obj.payments.standing()
        )
        return lines([*paid, *(f"{label}: {amount}" for label, amount in kept_facts(obj))])

    @display(description=_("Steps"))
    def shown_reasons(self, obj: Invoice) -> str:
        return explained(Decision(steps=steps_of(obj.document)), self._version(obj))

    @action(
        description=_("Record a payment"),
        url_path="record-payment",
        permissions=["act"],
        icon="payments",
        variant=ActionVariant.PRIMARY,
    )
    def record_payment(self, request: HttpRequest, object_id: str) -> HttpResponse:
        invoice = get_object_or_404(self.get_queryset(request), pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            receipt = record_payment(invoice, data["paid_on"], data["amount"], data["reference"], staff)
            return received_text(invoice, receipt)

        page = ActionPage(
            title=gettext("Record a payment for %(number)s") % {"number": invoice.number},
            button=_("Record"),
            form=PaymentForm,
            act=act,
            facts=[
                (_("organisation"), invoice.organisation.name),
                (_("With tax"), yen_text(invoice.gross)),
                (_("Open amount"), yen_text(invoice.open_amount)),
                *kept_facts(invoice),
            ],
        )
        return run_action(self, request, object_id, page)

    @staticmethod
    def _version(invoice: Invoice) -> TermsVersion:
        return TermsVersion.objects.select_related("service").get(
            service=invoice.contract.service, name=invoice.document["terms_version"]
        )


def kept_facts(invoice: Invoice) -> list[tuple[Any, str]]:
    """What is kept for an invoice until the rest has come in, where anything is."""
    kept = held_for(invoice)
    return [(_("Kept until the full amount has come in"), yen_text(kept))] if kept else []


def _state(invoice: Any) -> State:
    return state_of(invoice, localdate())
