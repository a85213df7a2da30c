"""One-off amounts that follow from claims. Only columns and an index are added: no table is rebuilt."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0005_receivables"),
        ("contracts", "0007_life_of_a_contract"),
    ]
    operations = [
        migrations.AddField(
            model_name="adjustment",
            name="claim",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="adjustments",
                to="contracts.claim",
                verbose_name="one-off claim",
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("claim__isnull", False)),
                fields=("claim",),
                name="adjustment_of_claim_once",
            ),
        ),
    ]
