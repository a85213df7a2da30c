"""What staff see of the contracts that a new version touches."""

import re

import pytest
from django.urls import reverse

from contracts.models import TermsVersion
from contracts.publishing.impact import EXAMPLES, impact_of
from contracts.publishing.publish import publish_version
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.approving import approved
from tests.billing_scene import make_contract

DAY = scenes.day("2027-04-01")


def following(service, *replacements: tuple[str, str], effective_on=DAY) -> TermsVersion:
    """The next version of a service's terms, its policy changed as told."""
    last = service.versions.latest("effective_on")
    source = last.policy_source.replace(f'version = "{last.name}"', f'version = "{effective_on}"', 1)
    source = re.sub(r"\bon = [0-9-]+", f"on = {effective_on}", source, count=1)
    for old, new in replacements:
        assert old in source
        source = source.replace(old, new, 1)
    return publish_version(
        service,
        name=str(effective_on),
        title=last.title,
        text=last.text,
        policy_source=source,
        at=scenes.at("2026-11-19"),
        staff=None,
        approval=approved("publication"),
    )


@pytest.fixture
def many(ct_e1, yamada):
    person = scenes.owner_of(yamada)
    for number in range(EXAMPLES + 3):
        make_contract(ct_e1, yamada, person, f"C-{number:03}")
    return ct_e1


def test_a_version_that_changes_no_rule_affects_nobody(contract):
    old = contract.contracted_version
    found = impact_of(old, following(contract.service), DAY)
    assert (found.running, found.affected, found.examples) == (1, 0, [])


def test_a_new_rate_is_shown_for_every_contract(contract):
    old = contract.contracted_version
    rate = str(old.policy.charging.late_interest.percent_a_year)
    new = following(contract.service, (f'"{rate}"', '"9.0"'))
    (example,) = impact_of(old, new, DAY).examples
    (change,) = example.changes
    assert (rate in change.old, "9.0" in change.new) == (True, True)


LATER = (
    (
        'anchor = "wanted_month_end"\nbefore = { months = 1 }',
        'anchor = "wanted_month_end"\nbefore = { months = 2 }',
    ),
    (
        '[charging.due.usage.transfer]\narticle = ["23-1", "23-2", "general-4"]\nmonths_after = 0',
        '[charging.due.usage.transfer]\narticle = ["23-1", "23-2", "general-4"]\nmonths_after = 1',
    ),
)


def test_deadlines_ends_and_due_dates_are_computed_by_both_versions(contract):
    new = following(contract.service, *LATER)
    (example,) = impact_of(contract.contracted_version, new, DAY).examples
    assert [(change.old, change.new) for change in example.changes] == [
        ("2027年6月30日", "2027年5月31日"),
        ("2027年5月31日", "2027年6月30日"),
        ("2027年4月30日", "2027年5月31日"),
    ]


def test_a_transitional_provision_spares_earlier_contracts(contract):
    spares = (
        '[[transitional]]\narticle = "19-1"\narticles = ["19"]\ncontracts_from = 2027-04-01\n\n[cancellation]'
    )
    new = following(contract.service, *LATER, ("[cancellation]", spares))
    (example,) = impact_of(contract.contracted_version, new, DAY).examples
    assert [(change.old, change.new) for change in example.changes] == [("2027年4月30日", "2027年5月31日")]


def test_contracts_with_an_end_keep_it(contract):
    type(contract).objects.filter(pk=contract.pk).update(
        ends_on=scenes.day("2027-05-31"), billed_through_on=scenes.day("2027-05-31"), end_kind="cancelled"
    )
    new = following(contract.service, *LATER)
    (example,) = impact_of(contract.contracted_version, new, DAY).examples
    assert [change.new for change in example.changes] == ["2027年5月31日"]


def test_contracts_that_end_before_are_not_counted(contract):
    old = contract.contracted_version
    new = following(contract.service, (f'"{old.policy.charging.late_interest.percent_a_year}"', '"9.0"'))
    type(contract).objects.filter(pk=contract.pk).update(
        ends_on=scenes.day("2027-03-31"), billed_through_on=scenes.day("2027-03-31"), end_kind="cancelled"
    )
    assert impact_of(old, new, DAY).running == 0


def test_examples_are_limited_and_queries_are_few(many, django_assert_num_queries):
    old = many.versions.get()
    new = following(many, (f'"{old.policy.charging.late_interest.percent_a_year}"', '"9.0"'))
    old.policy, new.policy  # noqa: B018 - read before queries are counted
    with django_assert_num_queries(5):  # closures, prices, contracts, what they hold, who sells them
        found = impact_of(old, new, DAY)
    assert (found.running, found.affected, len(found.examples)) == (EXAMPLES + 3, EXAMPLES + 3, EXAMPLES)


def test_the_page_says_it_in_words(contract, staff, signed_in):
    old = contract.contracted_version
    rate = str(old.policy.charging.late_interest.percent_a_year)
    new = following(contract.service, (f'"{rate}"', '"9.0"'))
    client = signed_in(staff(StaffRole.TERMS))
    page = client.get(reverse("admin:contracts_termsversion_changes", args=[new.pk])).content.decode()
    assert contract.number in page
    assert rate in page
    assert "9.0" in page


def test_the_first_version_has_nothing_to_compare_with(ct_e1, staff, signed_in):
    client = signed_in(staff(StaffRole.TERMS))
    first = ct_e1.versions.get()
    page = client.get(reverse("admin:contracts_termsversion_changes", args=[first.pk]))
    assert page.status_code == 200
    assert "impact" not in page.context
