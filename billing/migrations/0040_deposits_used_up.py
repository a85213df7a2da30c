from django.db import migrations
from django.db.models import F, Max, Sum


def used_up(apps, schema_editor):
    """Deposits of which nothing is left are used up since their last use."""
    deposits = apps.get_model("billing", "Deposit").objects.filter(
        received_on__isnull=False, returned_on__isnull=True
    )
    counted = deposits.annotate(used=Sum("uses__payment__amount"), last=Max("uses__payment__paid_on"))
    for deposit in counted.filter(used=F("amount")):
        deposit.used_up_on = deposit.last
        deposit.save(update_fields=["used_up_on"])


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0039_uses_of_deposits"),
    ]

    operations = [migrations.RunPython(used_up, migrations.RunPython.noop, elidable=True)]
