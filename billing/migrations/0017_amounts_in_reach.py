"""No amount that people or files enter is larger than an amount can be.

Amounts of one-off charges and quantities of usage are checked by the operations alone: their tables are
frozen, and what is in them stays.
"""

from django.core.management import CommandError
from django.db import migrations, models

ENTERED = (
    ("BankTransaction", "amount", {}),
    ("Deposit", "amount", {}),
    ("Payment", "amount", {"kind": "set_off"}),
    ("Payout", "amount", {}),
    ("SpecialPrice", "unit_price", {}),
)


def name_what_is_larger(apps, schema_editor):
    """A slip of before can't stay: say which rows it is in, with nothing changed."""
    found = []
    for name, field, calculated in ENTERED:
        model = apps.get_model("billing", name)
        larger = model.objects.filter(**{f"{field}__gt": 100_000_000_000})
        if calculated:
            larger = larger.exclude(**calculated)
        keys = [str(pk) for pk in larger.values_list("pk", flat=True)]
        if keys:
            found.append(f"{model._meta.db_table}.{field} of {', '.join(keys)}")
    if found:
        raise CommandError(
            f"More than 100,000,000,000 yen in {'; '.join(found)}. That is no amount that anybody pays:"
            " correct it in the database, then migrate again. Nothing was changed."
        )


def at_most(model, name, condition):
    constraint = models.CheckConstraint(condition=condition, name=name)
    return migrations.AddConstraint(model_name=model, constraint=constraint)


AMOUNT = models.Q(("amount__lte", 100000000000))


class Migration(migrations.Migration):
    dependencies = [("billing", "0016_calculation_of_runs"), ("contracts", "0014_amounts_in_reach")]

    operations = [
        migrations.RunPython(name_what_is_larger, migrations.RunPython.noop, elidable=True),
        at_most("banktransaction", "bank_entry_in_reach", AMOUNT),
        at_most("deposit", "deposit_in_reach", AMOUNT),
        at_most(
            "payment",
            "payment_in_reach",
            models.Q(("amount__lte", 100000000000), ("kind", "set_off"), _connector="OR"),
        ),
        at_most("payout", "payout_in_reach", AMOUNT),
        at_most("specialprice", "special_price_in_reach", models.Q(("unit_price__lte", 100000000000))),
    ]
