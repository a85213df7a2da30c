"""What was issued until now was issued by the providers of the runs."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def by_their_providers(apps, schema_editor):
    runs = apps.get_model("billing", "BillingRun").objects.filter(pk=OuterRef("run"))
    chunks = apps.get_model("billing", "BillingChunk").objects.filter(issuer__isnull=True)
    chunks.update(issuer=Subquery(runs.values("provider")[:1]))


class Migration(migrations.Migration):
    dependencies = [("billing", "0052_issuers_of_chunks")]

    operations = [migrations.RunPython(by_their_providers, migrations.RunPython.noop)]
