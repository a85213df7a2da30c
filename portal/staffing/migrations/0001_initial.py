import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def belong_to_all(apps, schema_editor):
    """Who was staff before reached everything: they belong to each provider that there was."""
    belonging = apps.get_model("staffing", "Belonging")
    staff = apps.get_model("organisations", "User").objects.filter(is_staff=True)
    providers = list(apps.get_model("contracts", "Provider").objects.order_by("pk"))
    belonging.objects.bulk_create(
        belonging(staff=person, provider=provider) for person in staff.order_by("pk") for provider in providers
    )


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("contracts", "0034_deliveries_to_whom_terms_name"),
        ("organisations", "0006_known_managers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Belonging",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="belongings",
                        to="contracts.provider",
                        verbose_name="provider",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="belongings",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "staff of a provider",
                "verbose_name_plural": "staff of providers",
                "ordering": ["staff", "provider"],
                "constraints": [
                    models.UniqueConstraint(fields=("staff", "provider"), name="belongs_once")
                ],
            },
        ),
        migrations.RunPython(belong_to_all, migrations.RunPython.noop),
    ]
