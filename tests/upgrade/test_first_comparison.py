"""After the upgrade of a filled installation old months are compared once, and only listed."""

from billing.differences.deciding import accept_differences, decide_for_customers
from billing.differences.listing import differences_of, list_changed
from billing.models import ChargeDifference, Comparison, Invoice
from contracts.models import Contract
from portal.organisations.models import User
from tests.upgrade.test_upgrade import installation

__all__ = ["installation"]

CANCELLED_AND_NOT_ISSUED_AGAIN = {("2026-10", "user", 18_000), ("2026-10", "base", 50_000)}


def told(state: str) -> set[tuple[str, str, int]]:
    found = ChargeDifference.objects.filter(state=state)
    return {(f"{one.month:%Y-%m}", one.product, one.amount) for one in found}


def to_settle(difference: ChargeDifference) -> int:
    """How much the next billing would settle of its contract."""
    contracts = Contract.objects.select_related("service__provider").prefetch_related("items")
    found = differences_of([contracts.get(pk=difference.contract_id)])
    return sum(one.amount for compared in found.values() for one in compared.differences)


def test_old_months_are_listed_and_nothing_follows_until_staff_decide(installation):
    before = Invoice.objects.count()
    list_changed()
    assert told("listed") == CANCELLED_AND_NOT_ISSUED_AGAIN
    assert not Comparison.objects.filter(first_listed=False).exists()
    first, second = ChargeDifference.objects.order_by("amount")
    assert (to_settle(first), to_settle(second)) == (0, 0)

    staff = User.objects.filter(is_staff=True)[0]
    accept_differences([first], "確認済み", staff)
    assert to_settle(first) == first.amount
    assert decide_for_customers([second], "初回の比較", staff) == (0, 1)
    assert to_settle(second) == 0
    assert Invoice.objects.count() == before
