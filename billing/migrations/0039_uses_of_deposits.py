import django.db.models.deletion
from django.db import migrations, models

import portal.frozen


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0038_costs_and_set_due_days"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="deposit", name="deposit_one_at_a_time"),
        migrations.RemoveConstraint(model_name="depositletter", name="deposit_letter_once"),
        migrations.RemoveConstraint(model_name="depositletter", name="billing_depositletter_stays"),
        migrations.AddField(
            model_name="deposit",
            name="expected",
            field=models.PositiveBigIntegerField(blank=True, null=True, verbose_name="Expected monthly fee"),
        ),
        migrations.AddField(
            model_name="deposit",
            name="reason",
            field=models.TextField(blank=True, default="", verbose_name="Reason"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="deposit",
            name="used_up_on",
            field=models.DateField(blank=True, null=True, verbose_name="Used up on"),
        ),
        migrations.AddField(
            model_name="depositletter",
            name="use",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="letter",
                to="billing.deposituse",
                verbose_name="use of a deposit",
            ),
        ),
        migrations.AlterField(
            model_name="depositletter",
            name="kind",
            field=models.CharField(
                choices=[
                    ("asked", "Request for a deposit"),
                    ("received", "Receipt of a deposit"),
                    ("used", "Use of a deposit"),
                    ("returned", "Return of a deposit"),
                ],
                max_length=10,
                verbose_name="Kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="depositletter",
            constraint=models.UniqueConstraint(
                condition=models.Q(("use__isnull", True)),
                fields=("deposit", "kind"),
                name="deposit_letter_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="depositletter",
            constraint=portal.frozen.NeverChanges(
                except_fields=("pdf", "pdf_hash"),
                name="billing_depositletter_stays",
                says="an issued letter never changes",
            ),
        ),
    ]
