"""Corporate numbers count as confirmed where a provider accepted an application before that was kept.

Of several organisations with the same number it counts for the one that was accepted first.
"""

from django.db import migrations
from django.db.models import Min


def confirm(apps, schema_editor):
    organisations = apps.get_model("organisations", "Organisation")
    accepted = (
        apps.get_model("contracts", "Application")
        .objects.filter(status="accepted", decided_at__isnull=False)
        .exclude(organisation__corporate_number="")
        .order_by()
        .values("organisation", "organisation__corporate_number")
        .annotate(first=Min("decided_at"))
        .order_by("first", "organisation")
    )
    confirmed = set()
    for row in accepted:
        if row["organisation__corporate_number"] not in confirmed:
            confirmed.add(row["organisation__corporate_number"])
            organisations.objects.filter(pk=row["organisation"]).update(number_confirmed_at=row["first"])


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0034_deliveries_to_whom_terms_name"),
        ("organisations", "0007_company"),
    ]
    operations = [migrations.RunPython(confirm, migrations.RunPython.noop)]
