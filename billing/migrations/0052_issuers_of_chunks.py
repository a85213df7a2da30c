"""A billing run issues for its provider and for agents: each chunk of invoices has its issuer."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0051_takeover"), ("contracts", "0043_issuing_agents")]

    operations = [
        migrations.AddField(
            model_name="billingchunk",
            name="issuer",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="contracts.provider",
                verbose_name="issuer",
            ),
        ),
    ]
