"""The kinds of tables about money."""

from django.utils.translation import gettext_lazy as _

from billing.tables_in.mandates import MandateTable
from billing.tables_in.payments import PaymentTable
from billing.tables_in.price_lists import PriceListTable
from billing.tables_in.special_prices import SpecialPriceTable
from portal.tables_in.kinds import Elsewhere, TableKind

KINDS: tuple[TableKind, ...] = (PriceListTable(), SpecialPriceTable(), PaymentTable(), MandateTable())

ELSEWHERE = (
    Elsewhere(
        key="usage",
        label=_("Usage"),
        says=_(
            "What was used of products that are charged by use. Refused rows are kept, and settled later."
        ),
        right="billing.change_usagerecord",
        page="admin:billing_usagerecord_import",
    ),
    Elsewhere(
        key="bank",
        label=_("Bank files"),
        says=_("Deposits as banks report them, which are matched with invoices."),
        right="billing.change_bankimport",
        page="admin:billing_bankimport_changelist",
    ),
)
