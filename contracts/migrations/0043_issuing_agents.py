"""Sales agents that are the customers' counterparty issue invoices of their own."""

import django.db.models.deletion
from django.db import migrations, models

import portal.frozen


class Migration(migrations.Migration):
    dependencies = [("contracts", "0042_agents_decide")]

    operations = [
        migrations.AddField(
            model_name="provider",
            name="principal",
            field=models.ForeignKey(
                blank=True,
                help_text="Of a sales agent that issues invoices of its own.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="issuing_agents",
                to="contracts.provider",
                verbose_name="sells services of",
            ),
        ),
        migrations.AddField(
            model_name="salesagent",
            name="issuer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sells_as",
                to="contracts.provider",
                verbose_name="issuer of its invoices",
            ),
        ),
        migrations.AddConstraint(
            model_name="salesagent",
            constraint=models.CheckConstraint(
                condition=models.Q(("issuer__isnull", True), ("role", "counterparty"), _connector="OR"),
                name="sales_agent_issues_as_counterparty",
            ),
        ),
        migrations.RemoveConstraint(
            model_name="providerparticulars", name="contracts_providerparticulars_stay"
        ),
        migrations.AlterField(
            model_name="providerparticulars",
            name="bank_account",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="bank, branch, kind, number and holder, as invoices show them",
                verbose_name="Bank account",
            ),
        ),
        migrations.AddField(
            model_name="providerparticulars",
            name="payment_note",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Stands on every invoice.",
                max_length=300,
                verbose_name="Note on payments",
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="providerparticulars",
            constraint=portal.frozen.NeverChanges(
                name="contracts_providerparticulars_stay", says="what was stated of a provider never changes"
            ),
        ),
    ]
