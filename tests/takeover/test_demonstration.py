"""The old system of the demonstration: two hundred contracts over the five services, to be tried."""

import pytest
from django.utils import timezone

from contracts.models import Contract, Provider, Takeover, TakeoverRow
from contracts.takeover.staging import stage
from contracts.takeover.work import carry_on
from portal.demo.old_system import old_system_folder, write_old_system
from tests.billing_scene import load_priced_service
from tests.takeover_scene import told

SLUGS = ("ct-e1", "partner-cloud-e", "simpleconnect", "desknets", "progoffice")


@pytest.mark.django_db
@pytest.mark.thorough
def test_two_hundred_contracts_of_five_services_fit_but_for_a_few(first, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    for slug in SLUGS:
        load_priced_service(slug)
    write_old_system(timezone.now())
    for path in sorted(old_system_folder().iterdir()):
        provider = Provider.objects.get(code=path.name.partition("-")[0])
        takeover = stage(provider, [(path.name, path.read_bytes())], first, timezone.now())
        carry_on(takeover.pk, "a worker")
    assert {one.state for one in Takeover.objects.all()} == {Takeover.State.CHECKED}
    rows = TakeoverRow.objects.all()
    assert rows.count() == 200
    refused = rows.filter(verdict="refused")
    assert 8 <= refused.count() <= 20, [told(row) for row in refused]
    assert rows.filter(verdict="new").count() == 200 - refused.count()
    new = rows.filter(verdict="new")
    assert not [row.foreseen["invoice"] for row in new if "trouble" in row.foreseen["invoice"]]
    assert not Contract.everything.exists()
