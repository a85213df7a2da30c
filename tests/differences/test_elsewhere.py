"""Months that were invoiced before a contract came into the portal count as charged."""

import pytest
import time_machine
from django.core.exceptions import ValidationError

from billing.differences.elsewhere import note_invoiced_elsewhere
from billing.differences.listing import unmarked_differences
from billing.differences.marks import fact_changed
from billing.models import Comparison, Invoice, InvoicedElsewhere
from billing.pricing.usage import import_usage
from portal.audit.models import AuditEntry
from tests.billing_scene import make_contract
from tests.differences.months import bill_months, contract, ct_e1, stated
from tests.scenes import at, day, owner_of, staff_member, suzuki
from tests.usage_files import row, usage_file

__all__ = ["contract", "ct_e1"]


@pytest.fixture
def came(ct_e1, contract):
    """Three seats since 1 August, invoiced elsewhere through October."""
    bill_months(ct_e1, 9)
    made = make_contract(
        ct_e1, suzuki(), owner_of(suzuki()), "C26-900001", {"seat": 3}, billed_from=day("2026-08-01")
    )
    note(made, "2026-10-31")
    return made


def note(made, through: str, reason: str = "旧システムで請求済み") -> InvoicedElsewhere:
    return note_invoiced_elsewhere(made, day(through), reason, staff_member(), at("2026-11-10"))


def test_months_invoiced_elsewhere_are_neither_billed_nor_compared(ct_e1, came):
    bill_months(ct_e1, 10, 11)
    theirs = Invoice.objects.filter(contract=came)
    assert [(f"{one.month:%Y-%m}", one.net) for one in theirs] == [("2026-11", 15_000)]
    came.items.update(quantity=4)
    fact_changed(came.pk)
    bill_months(ct_e1, 12)
    lines = [
        (line["amount"], line.get("period", {}).get("from"))
        for line in theirs.latest("month").document["lines"]
    ]
    assert lines == [(20_000, None), (5_000, "2026-11-01")]
    assert list(unmarked_differences(ct_e1.provider)) == []


def test_without_that_the_provider_is_compared_from_its_first_billing(ct_e1, contract):
    bill_months(ct_e1, 10)
    assert stated(10) == [("seat", 5, 25_000, None)]


def test_use_of_months_invoiced_elsewhere_is_refused(came):
    rows = [
        row("a", came.number, month="2026-10", day="2026-10-05"),
        row("b", came.number, month="2026-11", day="2026-11-05"),
    ]
    with time_machine.travel(at("2026-12-10"), tick=False):
        imported = import_usage(usage_file(rows), "calls.csv", staff_member())
    assert imported.taken == 1
    assert imported.refused_rows.get().reasons == ["invoiced_elsewhere"]


@pytest.mark.parametrize(
    ("through", "reason", "field"),
    [
        ("2026-10-30", "旧システム", "through"),
        ("2026-11-30", "旧システム", "through"),
        ("2026-10-31", " ", "reason"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_everything(came, through, reason, field):
    InvoicedElsewhere.objects.all().delete()
    with pytest.raises(ValidationError) as refused:
        note(came, through, reason)
    assert field in refused.value.message_dict
    assert not InvoicedElsewhere.objects.exists()


def test_what_the_portal_invoiced_was_not_invoiced_elsewhere(ct_e1, contract):
    bill_months(ct_e1, 9)
    with pytest.raises(ValidationError) as refused:
        note(contract, "2026-09-30")
    assert "through" in refused.value.message_dict
    note(contract, "2026-08-31")


def test_it_is_recorded_and_marks_the_contract(came):
    assert AuditEntry.objects.get(action="contract.invoiced_elsewhere").data["through"] == "2026-10-31"
    assert Comparison.objects.get(contract=came).changed_at is not None
