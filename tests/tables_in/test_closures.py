"""Tables of closed days: a year at once, approved by a second person."""

import pytest
from django.core.exceptions import ValidationError

from contracts.models import CompanyClosure
from portal.approvals.models import Proposal
from portal.organisations.roles import StaffRole
from portal.staffing.models import Belonging
from tests import scenes
from tests.approving import approve_it
from tests.billing_scene import load_priced_service, load_service
from tests.tables_scene import outcomes, reasons, shown, taken

YEAR = [["日付", "備考"], ["2026-12-30", "年末"], ["2026年12月31日", "年末"], ["令和9年1月4日", "年始"]]
DAYS = ["2026-12-30", "2026-12-31", "2027-01-04"]


@pytest.fixture
def service(db):
    service = load_priced_service("ct-e1")
    scenes.running(service, {"line": 1}, scenes.yamada())
    return service


@pytest.fixture
def clerk(make_staff, service):
    return make_staff("yakkan@provider.example", StaffRole.TERMS)


@pytest.fixture
def manager(make_staff, service):
    return make_staff("boss@provider.example", StaffRole.MANAGER)


def stored() -> list[str]:
    return [f"{closure.day:%Y-%m-%d}" for closure in CompanyClosure.objects.order_by("day")]


def test_all_days_are_one_proposal_that_a_second_person_approves(clerk, manager):
    table = taken("closures", YEAR, clerk)
    assert (outcomes(table), stored()) == (["new"] * 3, [])
    assert table.rows[0]["note"] == "2人目の承認で反映されます。"
    approve_it(manager)
    assert stored() == DAYS
    assert Proposal.objects.get().outcome == "休業日を3日登録しました。"


def test_what_waits_already_is_not_proposed_again(clerk):
    taken("closures", YEAR, clerk)
    table = shown("closures", YEAR, clerk)
    assert outcomes(table) == ["refused"] * 3
    assert "2人目の承認を待っています" in reasons(table)[0]


def test_days_are_taken_in_together_or_not_at_all(clerk):
    table = shown("closures", [*YEAR, ["2026-13-01", ""]], clerk)
    assert outcomes(table) == ["refused"] * 4
    assert "2026-10-05" in reasons(table)[3]


def test_another_note_is_a_change(clerk, manager):
    taken("closures", YEAR, clerk)
    approve_it(manager)
    again = [*YEAR[:3], ["2027-01-04", "仕事始めの前"]]
    table = taken("closures", again, clerk)
    assert outcomes(table) == ["unchanged", "unchanged", "changed"]
    assert CompanyClosure.objects.get(day="2027-01-04").note == "仕事始めの前"


def test_staff_of_another_provider_bring_no_days_in(make_staff, service):
    other = load_service("simpleconnect").provider
    stranger = scenes.works_for(make_staff("x@provider.example", StaffRole.TERMS), other)
    assert not Belonging.objects.filter(staff=stranger, provider=service.provider).exists()
    with pytest.raises(ValidationError, match="他の提供者"):
        shown("closures", YEAR, stranger, service.provider)
