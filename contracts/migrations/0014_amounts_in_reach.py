"""No entered claim is larger than an amount can be."""

from django.core.management import CommandError
from django.db import migrations, models


def name_what_is_larger(apps, schema_editor):
    """A slip of before can't stay: say which rows it is in, with nothing changed."""
    larger = apps.get_model("contracts", "Claim").objects.filter(net__gt=100_000_000_000)
    found = [str(pk) for pk in larger.exclude(kind="minimum_term").values_list("pk", flat=True)]
    if found:
        raise CommandError(
            f"More than 100,000,000,000 yen in contracts_claim.net of {', '.join(found)}. That is no amount"
            " that anybody pays: correct it in the database, then migrate again. Nothing was changed."
        )


class Migration(migrations.Migration):
    dependencies = [("contracts", "0013_individual_agreements")]

    operations = [
        migrations.RunPython(name_what_is_larger, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(("net__lte", 100000000000), ("kind", "minimum_term"), _connector="OR"),
                name="claim_in_reach",
            ),
        ),
    ]
