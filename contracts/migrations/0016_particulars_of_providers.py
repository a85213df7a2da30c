"""What is stated of a provider gets dates; what is stored of it holds from ever."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import portal.organisations.corporate_number
from portal.organisations.corporate_number import is_corporate_number

STATED = ("name", "name_en", "registration_number", "postal_code", "address", "phone", "email", "bank_account")


def keep_what_is_stated(apps, schema_editor):
    """The registration number of a corporation tells its corporate number."""
    Particulars = apps.get_model("contracts", "ProviderParticulars")
    for provider in apps.get_model("contracts", "Provider").objects.all():
        stated = {name: getattr(provider, name) for name in STATED}
        Particulars.objects.create(provider=provider, starts_on=None, **stated)
        number = provider.registration_number.removeprefix("T")
        if is_corporate_number(number):
            provider.corporate_number = number
            provider.save(update_fields=["corporate_number"])


class Migration(migrations.Migration):
    dependencies = [("contracts", "0015_kinds_of_requests")]

    operations = [
        migrations.RemoveConstraint(model_name="provider", name="provider_registration_number"),
        migrations.AddField(
            model_name="provider",
            name="corporate_number",
            field=models.CharField(
                blank=True,
                default="",
                max_length=13,
                validators=[portal.organisations.corporate_number.validate_corporate_number],
                verbose_name="Corporate number",
            ),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="ProviderParticulars",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="Starts on")),
                ("name", models.CharField(max_length=200, verbose_name="Name")),
                ("name_en", models.CharField(blank=True, max_length=200, verbose_name="Name in English")),
                (
                    "registration_number",
                    models.CharField(
                        blank=True,
                        help_text="Of the issuer of qualified invoices: T and 13 digits.",
                        max_length=14,
                        validators=[
                            django.core.validators.RegexValidator("^T[0-9]{13}$", "Write T and 13 digits.")
                        ],
                        verbose_name="Registration number",
                    ),
                ),
                ("postal_code", models.CharField(max_length=8, verbose_name="Postal code")),
                ("address", models.CharField(max_length=300, verbose_name="Address")),
                ("phone", models.CharField(max_length=20, verbose_name="Phone")),
                ("email", models.EmailField(max_length=254, verbose_name="E-mail address")),
                (
                    "bank_account",
                    models.JSONField(
                        help_text="bank, branch, kind, number and holder, as invoices show them",
                        verbose_name="Bank account",
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="particulars",
                        to="contracts.provider",
                        verbose_name="provider",
                    ),
                ),
            ],
            options={
                "verbose_name": "particulars of a provider",
                "verbose_name_plural": "particulars of providers",
                "ordering": [
                    "provider",
                    models.OrderBy(models.F("starts_on"), descending=True, nulls_last=True),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("provider", "starts_on"), name="particulars_once_a_day"),
                    models.UniqueConstraint(
                        condition=models.Q(("starts_on__isnull", True)),
                        fields=("provider",),
                        name="first_particulars_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("registration_number", ""),
                            ("registration_number__regex", "^T[0-9]{13}$"),
                            _connector="OR",
                        ),
                        name="provider_registration_number",
                    ),
                ],
            },
        ),
        migrations.RunPython(keep_what_is_stated),
    ]
