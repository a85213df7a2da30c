"""The kinds of tables about money."""

from billing.tables_in.mandates import MandateTable
from billing.tables_in.payments import PaymentTable
from billing.tables_in.price_lists import PriceListTable
from billing.tables_in.special_prices import SpecialPriceTable
from portal.tables_in.kinds import TableKind

KINDS: tuple[TableKind, ...] = (PriceListTable(), SpecialPriceTable(), PaymentTable(), MandateTable())
