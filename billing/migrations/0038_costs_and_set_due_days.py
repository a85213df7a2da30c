import django.db.models.expressions
import portal.frozen
from django.db import migrations, models

STAYS = portal.frozen.NeverChanges(
    except_fields=("invoice", "credit_entry", "withdrawn_at", "withdrawal_reason"),
    name="billing_adjustment_stays",
    says="an invoiced amount never changes",
    when="OLD.invoice_id IS NOT NULL",
)


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0037_debtors_stay"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="adjustment", name="billing_adjustment_stays"),
        migrations.AlterField(
            model_name="adjustment",
            name="kind",
            field=models.CharField(
                choices=[
                    ("minimum-term", "Remaining minimum term"),
                    ("surcharge", "Surcharge"),
                    ("evaded-fee", "Evaded fee"),
                    ("costs", "Costs"),
                    ("late-interest", "Late interest"),
                    ("outage-credit", "Outage credit"),
                    ("damages", "Damages"),
                    ("deposit", "Deposit"),
                ],
                max_length=20,
                verbose_name="Kind",
            ),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="due_on",
            field=models.DateField(
                blank=True,
                help_text="Empty: with the invoice that states it.",
                null=True,
                verbose_name="Set due date",
            ),
        ),
        migrations.AddConstraint(model_name="adjustment", constraint=STAYS),
        migrations.RemoveConstraint(model_name="invoice", name="invoice_added_has_its_day"),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("added", 0), ("added_due_on__isnull", True)
                )
                | models.Q(
                    ("added__gte", 1),
                    ("added__lte", models.F("gross")),
                    ("added_due_on__isnull", False),
                ),
                name="invoice_added_has_its_day",
            ),
        ),
    ]
