"""Billing runs, usage, prices, and the money that comes in."""

from datetime import date

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.lives.machine.base import ONE_DAY, Playing, billed, exists
from tests.lives.machine.naive.days import later_month, month_of, months_from
from tests.lives.machine.naive.terms import MONTHLY


class Charging(Playing):
    # Billing

    @precondition(exists)
    @rule(data=st.data())
    def bill(self, data: st.DataObject) -> None:
        self.bill_at(data)

    @precondition(exists)
    @rule(data=st.data())
    def bill_again(self, data: st.DataObject) -> None:
        self.bill_at(data)

    def bill_at(self, data: st.DataObject) -> None:
        at = self.moment(data)
        first, now = month_of(self.clerk.billed_from), month_of(at.date())
        months = [now, later_month(now, -1), *months_from(first, now)]
        billed_now = self.play(
            {"at": at.isoformat(), "do": "bill", "month": data.draw(st.sampled_from(months))}
        )
        if billed_now and data.draw(st.integers(0, 9)) < 4:
            self.receive(data)

    @precondition(exists)
    @rule(data=st.data())
    def use(self, data: st.DataObject) -> None:
        at = self.moment(data)
        used = [key for key, one in self.terms.products(at.date()).items() if one["kind"] == "usage"]
        if not used:
            return
        now = month_of(at.date())
        month = data.draw(st.sampled_from([later_month(now, -1), now, later_month(now, -2)]))
        product = data.draw(st.sampled_from(used))
        quantity = data.draw(st.sampled_from([1, 999, 12345]))
        self.play(
            {"at": at.isoformat(), "do": "usage", "product": product, "month": month, "quantity": quantity}
        )

    @precondition(exists)
    @rule(data=st.data())
    def change_prices(self, data: st.DataObject) -> None:
        told = self.moment(data)
        products = [key for key, one in self.terms.products(told.date()).items() if one["kind"] in MONTHLY]
        product = data.draw(st.sampled_from(products))
        price = data.draw(st.sampled_from([100, 4321, 60000]))
        effective = data.draw(
            st.sampled_from(
                [date.fromisoformat(f"{later_month(month_of(told.date()), by)}-01") for by in (1, 3, 4)]
            )
        )
        self.play(
            {
                "at": told.isoformat(),
                "do": "price",
                "effective_on": effective.isoformat(),
                "prices": {product: price},
                "notified_at": told.isoformat(),
            }
        )

    # Money

    @precondition(billed)
    @rule(data=st.data())
    def pay(self, data: st.DataObject) -> None:
        self.receive(data)

    def receive(self, data: st.DataObject) -> None:
        """Money comes in: all that is open, a part, too much, or next to nothing."""
        at = self.moment(data)
        invoices = self.invoices()
        if not invoices:
            return
        invoice = data.draw(st.sampled_from(invoices))
        amount = data.draw(
            st.sampled_from(
                [max(1, invoice.open_amount), invoice.open_amount + 1000, max(1, invoice.open_amount // 2), 1]
            )
        )
        named = data.draw(st.sampled_from([month_of(invoice.month), None]))
        back = data.draw(st.sampled_from([0, 0, 3]))
        on = max(at.date() - back * ONE_DAY, invoice.issued_on)
        self.play({"at": at.isoformat(), "do": "pay", "amount": amount, "on": on.isoformat(), "month": named})

    @precondition(lambda self: billed(self) and self.player.method == "debit")
    @rule(data=st.data())
    def debit(self, data: st.DataObject) -> None:
        at = self.moment(data, least=2)
        invoices = self.invoices()
        failed = data.draw(st.lists(st.sampled_from(invoices), max_size=1)) if invoices else []
        self.play(
            {
                "at": at.isoformat(),
                "do": "debit",
                "on": at.date().isoformat(),
                "failed": [month_of(one.month) for one in failed],
            }
        )

    @precondition(billed)
    @rule(data=st.data())
    def return_part(self, data: st.DataObject) -> None:
        at = self.moment(data)
        invoices = [one for one in self.invoices() if one.net > 0]
        if not invoices:
            return
        invoice = data.draw(st.sampled_from(invoices))
        net = data.draw(st.sampled_from([1, 500, invoice.net]))
        self.play(
            {
                "at": at.isoformat(),
                "do": "return",
                "month": month_of(invoice.month),
                "net": net,
                "reason": "goodwill",
            }
        )

    @precondition(billed)
    @rule(data=st.data())
    def reissue(self, data: st.DataObject) -> None:
        at = self.moment(data)
        invoices = self.invoices()
        if not invoices:
            return
        invoice = data.draw(st.sampled_from(invoices))
        self.play(
            {
                "at": at.isoformat(),
                "do": "reissue",
                "month": month_of(invoice.month),
                "reason": "as the facts are",
            }
        )
