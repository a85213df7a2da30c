"""Each table and each field has its place: in a copy, or among what is left out for a reason."""

from django.apps import apps
from django.db.models import FileField, Model

from portal.data_protection.registry.tables import APART, HOLDINGS
from portal.organisations.models import Organisation, User
from portal.retention.kinds import kind_of


def fields_of(model: type[Model]) -> set[str]:
    """What is stored of a row beside its own key."""
    stored = [*model._meta.concrete_fields, *model._meta.many_to_many]
    return {field.name for field in stored if not getattr(field, "auto_created", False)}


def test_each_table_stands_in_the_registry_once():
    tables = sorted(model._meta.label_lower for model in apps.get_models())
    named = sorted(one.model for one in (*HOLDINGS, *APART))
    assert tables == named, "say in portal/data_protection/registry/ what the new table tells of whom"


def test_each_field_is_shown_or_left_out_for_a_reason():
    unsaid = {
        holding.model: set(holding.named()) ^ fields_of(holding.table)
        for holding in HOLDINGS
        if set(holding.named()) != fields_of(holding.table)
    }
    assert unsaid == {}, "name these fields where the table is registered"


def test_each_stored_file_goes_with_the_copy_that_shows_its_row():
    for holding in HOLDINGS:
        fields = holding.table._meta.concrete_fields
        stored = {field.name for field in fields if isinstance(field, FileField)}
        assert stored - set(holding.inner.split()) == {file.field for file in holding.files}, holding.model


def test_what_no_copy_shows_leads_to_nobody_but_staff():
    for apart in APART:
        fields = apps.get_model(apart.model)._meta.concrete_fields
        to_people = {field.name for field in fields if field.related_model in (User, Organisation)}
        assert to_people == set(apart.staff.split()), apart.model
        assert apart.why


def test_each_table_has_a_time_for_which_it_is_kept():
    for one in (*HOLDINGS, *APART):
        assert kind_of(one.kind), one.model
