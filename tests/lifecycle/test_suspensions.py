"""Suspension by the provider, within what the terms allow."""

import pytest
from django.core.exceptions import ValidationError

from contracts.lifecycle.suspensions import lift_suspension, suspend
from contracts.models import Contract
from portal.audit.models import AuditEntry
from tests.scenes import accept, apply, at, day, staff_member


@pytest.fixture
def contract(ct_e1) -> Contract:
    application = apply(ct_e1, {"seat": 5}, at("2025-11-10"), wanted_start_on=day("2026-01-01"))
    return accept(application, at("2025-11-12"))


@pytest.fixture
def reason(contract) -> str:
    return contract.contracted_version.policy.suspension.reasons[0].key


def test_a_suspension_stops_the_service_from_its_first_to_its_last_day(contract, reason):
    suspend(
        contract,
        staff_member(),
        reason,
        day("2026-03-10"),
        day("2026-04-09"),
        "unpaid invoice",
        at=at("2026-03-10"),
    )

    states = [
        contract.state_on(day(text)) for text in ("2026-03-09", "2026-03-10", "2026-04-09", "2026-04-10")
    ]
    assert states == ["running", "suspended", "suspended", "running"]
    assert AuditEntry.objects.get(action="contract.suspended").data["ends_on"] == "2026-04-09"


def test_a_suspension_lasts_as_long_as_the_terms_allow_at_most(contract, reason):
    with pytest.raises(ValidationError) as excinfo:
        suspend(
            contract, staff_member(), reason, day("2026-03-10"), day("2026-09-10"), "", at=at("2026-03-10")
        )
    assert "ends_on" in excinfo.value.message_dict

    suspension = suspend(contract, staff_member(), reason, day("2026-03-10"), None, "", at=at("2026-03-10"))

    assert suspension.ends_on == day("2026-09-09")


@pytest.mark.parametrize(
    ("key", "starts_on", "ends_on", "field"),
    [
        ("unheard-of", "2026-03-10", None, "reason"),
        (None, "2025-12-31", None, "starts_on"),
        (None, "2026-03-10", "2026-03-09", "ends_on"),
        (None, "2026-06-01", "2026-06-30", "starts_on"),
    ],
)
def test_what_is_wrong_with_a_suspension_is_named(contract, reason, key, starts_on, ends_on, field):
    suspend(contract, staff_member(), reason, day("2026-06-30"), day("2026-07-01"), "", at=at("2026-06-30"))

    with pytest.raises(ValidationError) as excinfo:
        suspend(
            contract,
            staff_member(),
            key or reason,
            day(starts_on),
            ends_on and day(ends_on),
            "",
            at=at("2025-12-01"),
        )

    assert field in excinfo.value.message_dict
    assert contract.suspensions.count() == 1


def test_a_suspension_is_lifted_before_its_end(contract, reason):
    suspension = suspend(contract, staff_member(), reason, day("2026-03-10"), None, "", at=at("2026-03-10"))

    lift_suspension(suspension, staff_member(), day("2026-03-20"))

    assert contract.state_on(day("2026-03-21")) == Contract.State.RUNNING
    for last_day in ("2026-03-09", "2026-03-21"):
        with pytest.raises(ValidationError):
            lift_suspension(suspension, staff_member(), day(last_day))
