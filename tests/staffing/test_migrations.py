"""What an upgrade makes of the staff and roles that there were."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from portal.organisations.roles import StaffRole
from portal.staffing.models import Belonging
from tests import scenes
from tests.billing_scene import load_service


@pytest.mark.django_db
def test_who_is_staff_works_for_all_providers(make_staff, make_user):
    clerk = make_staff("clerk@provider.example", StaffRole.RECEPTION)
    customer = make_user("hanako@customer.example")
    providers = [load_service(slug).provider for slug in ("ct-e1", "simpleconnect")]
    scenes.works_for(clerk)
    import_module("portal.staffing.migrations.0001_initial").belong_to_all(apps, None)
    assert {row.provider for row in clerk.belongings.all()} == set(providers)
    assert not Belonging.objects.filter(staff=customer).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "taken", "kept"),
    [
        (StaffRole.TERMS, "view_contract", "view_termsversion"),
        (StaffRole.BILLING, "view_contractdocument", "view_contract"),
    ],
)
def test_terms_and_billing_staff_lose_what_their_work_does_not_need(role, taken, kept):
    group = Group.objects.get(name=role)
    group.permissions.add(*Permission.objects.filter(content_type__app_label="contracts"))
    import_module("portal.staffing.migrations.0002_what_work_needs").take_away(apps, None)
    rights = set(group.permissions.values_list("codename", flat=True))
    assert kept in rights
    assert taken not in rights
    assert "change_contract" in rights, "what can be done was not looked at"
