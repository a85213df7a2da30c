"""Invoices get a debtor of their own, and payments say who owed what they pay."""

import django.db.models.deletion
from django.db import migrations, models

import portal.frozen


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0034_due_of_corrections'),
        ('contracts', '0026_debts_of_parties'),
        ('organisations', '0005_managers_and_makers'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='invoice', name='billing_invoice_stays'),
        migrations.RemoveIndex(model_name='invoice', name='invoice_open_customer'),
        migrations.AddField(
            model_name='invoice',
            name='debtor',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='debts', to='organisations.organisation', verbose_name='debtor'),
        ),
        migrations.AddField(
            model_name='payment',
            name='debtor',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.organisation', verbose_name='debtor'),
        ),
        migrations.CreateModel(
            name='PassedClaim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.BigIntegerField(verbose_name='Open amount')),
                ('recorded_at', models.DateTimeField(verbose_name='Recorded at')),
                ('from_organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.organisation', verbose_name='debtor before')),
                ('invoice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='passed', to='billing.invoice', verbose_name='invoice')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contracts.contractparty', verbose_name='party to a contract')),
                ('to_organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.organisation', verbose_name='debtor afterwards')),
            ],
            options={
                'verbose_name': 'claim that passed to a successor',
                'verbose_name_plural': 'claims that passed to successors',
                'ordering': ['recorded_at', 'pk'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='passed_claim_not_negative'),
                    portal.frozen.NeverChanges(name='billing_passedclaim_stays', says='a claim that passed never changes'),
                    portal.frozen.NeverDeleted(name='billing_passedclaim_is_kept', says='a claim that passed is never deleted'),
                ],
            },
        ),
    ]
