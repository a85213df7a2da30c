from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0040_deposits_used_up"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="deposit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("returned_on__isnull", True), ("used_up_on__isnull", True)),
                fields=("contract",),
                name="deposit_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="deposit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("used_up_on__isnull", True),
                    models.Q(
                        ("received_on__isnull", False),
                        ("returned_on__isnull", True),
                        ("used_up_on__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="deposit_used_up_after_receipt",
            ),
        ),
    ]
