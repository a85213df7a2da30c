"""What a contract is charged for a month: everything that its invoice will state, but for the number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from django.utils.translation import gettext as _

from billing.calculation.charges import ChargeLine, charge_lines
from billing.calculation.invoice import Invoice as Calculation
from billing.calculation.invoice import calculate
from billing.calculation.prices import NoPriceError, PriceList, price_list_on
from billing.calculation.tax import tax_percent
from billing.documents.invoice_document import FORMAT, InvoiceDocument, Line, RateTotal, Text
from billing.models import PriceListVersion
from contracts.models import Contract, Service, TermsVersion
from contracts.operations.rulebooks import Rulebooks
from contracts.rules.charging import PaymentMethod
from contracts.rules.decision import plain
from contracts.rules.period import Month
from contracts.rules.policy import Policy
from contracts.rules.rulebook import NotProvided

_SAMPLE_NOTE = Text(
    ja="「見本」と記した品目の単価は、見本の料金表によるものです。",
    en="Unit prices marked as samples come from a sample price list.",
)


class CannotBillError(Exception):
    """A contract that cannot be billed; the message says why, in words for the back office."""


@dataclass(frozen=True)
class Draft:
    """A calculated invoice of a contract, before it has a number."""

    contract: Contract
    version: TermsVersion
    calculation: Calculation
    month: Month

    def document(self, number: str, issued_on: date) -> InvoiceDocument:
        """All that the invoice states, from facts as they are now."""
        contract, policy = self.contract, self.version.policy
        provider, recipient = contract.service.provider, contract.organisation
        amounts = self.calculation
        lines = [_line(line, policy, self.month) for line in amounts.lines if line.quantity]
        return InvoiceDocument(
            format=FORMAT,
            kind="invoice",
            number=number,
            issued_on=issued_on.isoformat(),
            month=str(self.month),
            period={"from": self.month.first.isoformat(), "to": self.month.last.isoformat()},
            due_on=amounts.due_on.isoformat(),
            payment_method=contract.payment_method,
            inclusive_shown=policy.charging.tax.inclusive_shown,
            issuer={
                "name": provider.name,
                "registration_number": provider.registration_number,
                "postal_code": provider.postal_code,
                "address": provider.address,
                "phone": provider.phone,
                "email": provider.email,
            },
            bank_account=provider.bank_account,
            recipient={
                "name": recipient.name,
                "corporate_number": recipient.corporate_number,
                "postal_code": recipient.postal_code,
                "address": recipient.address,
            },
            contract=contract.number,
            service=cast(Text, contract.service.names),
            terms_version=self.version.name,
            lines=lines,
            rates=_rates(amounts, lines),
            net=amounts.net,
            tax=amounts.tax,
            gross=amounts.gross,
            notes=_notes(policy, lines),
            steps=plain(amounts.steps),
        )


class MonthlyCharges:
    """Drafts of a month. Terms, calendars and prices are read once and serve every contract."""

    def __init__(self, month: Month) -> None:
        self.month = month
        self._rulebooks = Rulebooks()
        self._prices: dict[int, list[PriceList]] = {}

    def draft(self, contract: Contract) -> Draft | None:
        """What the contract is charged by the terms and prices of the month's last day; None for nothing.

        Reads `items`, `organisation` and `service__provider`: fetch them beforehand. Raises CannotBillError.
        """
        items = contract.items_charged_in(self.month)
        if not items:
            return None
        version = self._rulebooks.in_force(contract.service, self.month.last)
        if version is None:
            raise CannotBillError(_("No terms of the service are in force at the end of the month."))
        prices = self._price_list(contract.service)
        try:
            lines = charge_lines(version.policy, prices, items)
            if not any(line.amount for line in lines):
                return None
            method = cast(PaymentMethod, contract.payment_method)
            amounts = calculate(self._rulebooks.of(version), lines, self.month, method)
        except NotProvided as missing:
            raise CannotBillError(_("The policy has no rule “%(rule)s”.") % {"rule": missing}) from missing
        except NoPriceError as missing:
            priced = {price.product for price in prices.prices}
            products = ", ".join(sorted(set(items) - priced))
            raise CannotBillError(
                _("The price list has no price for %(products)s.") % {"products": products}
            ) from missing
        except KeyError as unknown:
            raise CannotBillError(
                _("The policy does not know the %(what)s.") % {"what": unknown.args[0]}
            ) from unknown
        return Draft(contract, version, amounts, self.month)

    def _price_list(self, service: Service) -> PriceList:
        if service.pk not in self._prices:
            self._prices[service.pk] = [
                stored.prices for stored in PriceListVersion.objects.filter(service=service)
            ]
        try:
            return price_list_on(self._prices[service.pk], self.month.last)
        except NoPriceError as missing:
            raise CannotBillError(
                _("No price list of the service is in force at the end of the month.")
            ) from missing


def _line(line: ChargeLine, policy: Policy, month: Month) -> Line:
    product = policy.product(line.product or "")
    percent = None if line.tax == "outside" else tax_percent(line.tax, month.last)
    return Line(
        product=product.key,
        name=Text(ja=product.name.ja, en=product.name.en),
        unit=Text(ja=product.unit.ja, en=product.unit.en),
        quantity=line.quantity,
        included=line.included,
        unit_price=line.unit_price or 0,
        amount=line.amount,
        rate=None if percent is None else str(percent),
        reduced=percent is not None and percent < tax_percent("standard", month.last),
        sample=line.sample,
        articles=list(line.articles),
    )


def _rates(amounts: Calculation, lines: Sequence[Line]) -> list[RateTotal]:
    reduced = {line["rate"] for line in lines if line["reduced"]}
    return [
        RateTotal(
            rate=None if label == "outside" else label,
            reduced=label in reduced,
            net=total.net,
            tax=total.tax,
        )
        for label, total in amounts.by_rate.items()
    ]


def _notes(policy: Policy, lines: Sequence[Line]) -> list[Text]:
    notes = [Text(ja=fact.text.ja, en=fact.text.en) for fact in policy.disclosures if fact.on_invoices]
    return [*notes, _SAMPLE_NOTE] if any(line["sample"] for line in lines) else notes
