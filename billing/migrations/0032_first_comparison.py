"""Have the differences of what was invoiced before the portal compared listed first, for staff to decide."""

from django.db import migrations
from django.utils import timezone

AT_ONCE = 1_000


def list_first(apps, schema_editor):
    comparison = apps.get_model("billing", "Comparison")
    invoice = apps.get_model("billing", "Invoice")
    now, rows = timezone.now(), []
    for contract in invoice.objects.order_by().values_list("contract", flat=True).distinct().iterator():
        rows.append(comparison(contract_id=contract, changed_at=now, first_listed=False))
        if len(rows) == AT_ONCE:
            comparison.objects.bulk_create(rows)
            rows = []
    comparison.objects.bulk_create(rows)


class Migration(migrations.Migration):
    dependencies = [("billing", "0031_compared_charges")]

    operations = [migrations.RunPython(list_first, migrations.RunPython.noop)]
