"""The numbers of a chunk are those of its issuer."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0053_first_issuers_of_chunks")]

    operations = [
        migrations.AlterField(
            model_name="billingchunk",
            name="issuer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="contracts.provider",
                verbose_name="issuer",
            ),
        ),
        migrations.RemoveConstraint(model_name="billingchunk", name="billing_chunk_once"),
        migrations.AddConstraint(
            model_name="billingchunk",
            constraint=models.UniqueConstraint(
                fields=("run", "issuer", "fiscal_year", "first"), name="billing_chunk_once"
            ),
        ),
    ]
