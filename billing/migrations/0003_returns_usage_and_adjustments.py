"""Returns, cancelled invoices, imported usage, special prices, one-off amounts and deposits.

The triggers on invoices are dropped here, as the table is rebuilt; the next migration creates those of now.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def drop_triggers(apps, schema_editor):
    on_table = "" if schema_editor.connection.vendor == "sqlite" else " ON billing_invoice"
    for trigger in ("billing_issued_invoice_stays", "billing_invoice_pdf_stays"):
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {trigger}{on_table}")


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0002_freeze_invoices'),
        ('contracts', '0002_freeze_published_terms'),
        ('organisations', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(drop_triggers, migrations.RunPython.noop),
        migrations.CreateModel(
            name='Adjustment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('minimum-term', 'Remaining minimum term'), ('surcharge', 'Surcharge'), ('costs', 'Costs'), ('late-interest', 'Late interest'), ('outage-credit', 'Outage credit')], max_length=20, verbose_name='Kind')),
                ('names', models.JSONField(verbose_name='Name')),
                ('month', models.DateField(help_text='Its first day', verbose_name='Month')),
                ('amount', models.BigIntegerField(verbose_name='Amount')),
                ('tax', models.CharField(choices=[('standard', 'Standard rate'), ('reduced', 'Reduced rate'), ('outside', 'Outside the tax')], max_length=10, verbose_name='Tax')),
                ('articles', models.JSONField(verbose_name='Articles')),
                ('decision', models.JSONField(default=dict, verbose_name='Decision')),
                ('reason', models.TextField(blank=True, verbose_name='Reason')),
                ('once_key', models.CharField(blank=True, max_length=80)),
                ('decided_at', models.DateTimeField(verbose_name='Decided at')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='Withdrawn at')),
                ('withdrawal_reason', models.TextField(blank=True, verbose_name='Reason for withdrawing')),
            ],
            options={
                'verbose_name': 'one-off charge or credit',
                'verbose_name_plural': 'one-off charges and credits',
                'ordering': ['-decided_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Deposit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.PositiveBigIntegerField(verbose_name='Amount')),
                ('asked_on', models.DateField(verbose_name='Asked on')),
                ('pay_by', models.DateField(verbose_name='To be paid by')),
                ('decision', models.JSONField(default=dict, verbose_name='Decision')),
                ('received_on', models.DateField(blank=True, null=True, verbose_name='Received on')),
                ('reference', models.CharField(blank=True, max_length=100, verbose_name='Reference')),
                ('returned_on', models.DateField(blank=True, null=True, verbose_name='Returned on')),
                ('returned_amount', models.PositiveBigIntegerField(default=0, verbose_name='Returned amount')),
            ],
            options={
                'verbose_name': 'deposit',
                'verbose_name_plural': 'deposits',
                'ordering': ['-asked_on', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='DepositUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'verbose_name': 'use of a deposit',
                'verbose_name_plural': 'uses of deposits',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='RefusedUsage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row_number', models.PositiveIntegerField(verbose_name='Row')),
                ('values', models.JSONField(verbose_name='Values')),
                ('reasons', models.JSONField(verbose_name='Reasons')),
                ('settled_at', models.DateTimeField(blank=True, null=True, verbose_name='Settled at')),
                ('settlement', models.TextField(blank=True, verbose_name='How it was settled')),
            ],
            options={
                'verbose_name': 'refused usage row',
                'verbose_name_plural': 'refused usage rows',
                'ordering': ['-imported', 'row_number'],
            },
        ),
        migrations.CreateModel(
            name='SpecialPrice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.SlugField(verbose_name='Product')),
                ('unit_price', models.PositiveBigIntegerField(verbose_name='Unit price')),
                ('starts_on', models.DateField(verbose_name='Starts on')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='Ends on')),
                ('reason', models.TextField(verbose_name='Reason')),
                ('set_at', models.DateTimeField(verbose_name='Set at')),
            ],
            options={
                'verbose_name': 'special price',
                'verbose_name_plural': 'special prices',
                'ordering': ['contract', 'product', '-starts_on'],
            },
        ),
        migrations.CreateModel(
            name='UsageImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file_name', models.CharField(max_length=255, verbose_name='File')),
                ('file_hash', models.CharField(max_length=64, verbose_name='Hash')),
                ('imported_at', models.DateTimeField(verbose_name='Imported at')),
                ('taken', models.PositiveIntegerField(default=0, verbose_name='Taken')),
                ('duplicates', models.PositiveIntegerField(default=0, verbose_name='Known already')),
                ('refused', models.PositiveIntegerField(default=0, verbose_name='Refused')),
            ],
            options={
                'verbose_name': 'usage import',
                'verbose_name_plural': 'usage imports',
                'ordering': ['-imported_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='UsageRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.SlugField(verbose_name='Product')),
                ('month', models.DateField(help_text='Its first day', verbose_name='Month of use')),
                ('quantity', models.PositiveBigIntegerField(verbose_name='Quantity')),
                ('occurred_on', models.DateField(verbose_name='Day of use')),
                ('reference', models.CharField(max_length=100, unique=True, verbose_name='Reference')),
            ],
            options={
                'verbose_name': 'usage record',
                'verbose_name_plural': 'usage records',
                'ordering': ['-occurred_on', '-pk'],
            },
        ),
        migrations.AlterModelOptions(
            name='pricelistversion',
            options={'ordering': ['service', '-effective_on'], 'permissions': [('override_notice_pricelistversion', 'May let prices change without a notice in time')], 'verbose_name': 'price list', 'verbose_name_plural': 'price lists'},
        ),
        migrations.RemoveConstraint(
            model_name='invoice',
            name='invoice_sequence_once',
        ),
        migrations.RemoveConstraint(
            model_name='invoice',
            name='invoice_contract_month_once',
        ),
        migrations.RemoveConstraint(
            model_name='invoicecounter',
            name='invoice_counter_once',
        ),
        migrations.AddField(
            model_name='invoice',
            name='cancel_reason',
            field=models.TextField(blank=True, verbose_name='Reason for cancelling'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='cancelled_on',
            field=models.DateField(blank=True, null=True, verbose_name='Cancelled on'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='kind',
            field=models.CharField(choices=[('invoice', 'Invoice'), ('return', 'Return invoice')], default='invoice', max_length=10, verbose_name='Kind'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='original',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='returns', to='billing.invoice', verbose_name='invoice that an amount is returned of'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='recipient_name',
            field=models.CharField(default='', max_length=200, verbose_name='Recipient'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='invoice',
            name='replaces',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='billing.invoice', verbose_name='cancelled invoice that this one replaces'),
        ),
        migrations.AddField(
            model_name='invoicecounter',
            name='kind',
            field=models.CharField(choices=[('invoice', 'Invoice'), ('return', 'Return invoice')], default='invoice', max_length=10, verbose_name='Kind'),
        ),
        migrations.AddField(
            model_name='pricelistversion',
            name='notice',
            field=models.JSONField(blank=True, default=dict, verbose_name='Decision on the notice'),
        ),
        migrations.AddField(
            model_name='pricelistversion',
            name='override_reason',
            field=models.TextField(blank=True, verbose_name='Reason for a notice that is too late'),
        ),
        migrations.AlterField(
            model_name='invoice',
            name='run',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to='billing.billingrun', verbose_name='billing run'),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(fields=['provider', 'issued_on'], name='invoice_issued'),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(fields=['gross'], name='invoice_gross'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.UniqueConstraint(fields=('provider', 'fiscal_year', 'kind', 'sequence'), name='invoice_sequence_once'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.UniqueConstraint(condition=models.Q(('cancelled_on__isnull', True), ('kind', 'invoice')), fields=('contract', 'month'), name='invoice_contract_month_once'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('gross__gte', 0), ('kind', 'invoice'), ('original__isnull', True), ('run__isnull', False)), models.Q(('gross__lte', 0), ('kind', 'return'), ('original__isnull', False), ('replaces__isnull', True)), _connector='OR'), name='invoice_fits_its_kind'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('cancel_reason', ''), ('cancelled_on__isnull', True)), models.Q(('cancelled_on__isnull', False), models.Q(('cancel_reason', ''), _negated=True)), _connector='OR'), name='invoice_cancelled_for_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='invoicecounter',
            constraint=models.UniqueConstraint(fields=('provider', 'fiscal_year', 'kind'), name='invoice_counter_once'),
        ),
        migrations.AddField(
            model_name='adjustment',
            name='contract',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='adjustments', to='contracts.contract', verbose_name='contract'),
        ),
        migrations.AddField(
            model_name='adjustment',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by'),
        ),
        migrations.AddField(
            model_name='adjustment',
            name='invoice',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='adjustments', to='billing.invoice', verbose_name='invoice'),
        ),
        migrations.AddField(
            model_name='adjustment',
            name='origin',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='adjustments_about', to='billing.invoice', verbose_name='invoice that it is about'),
        ),
        migrations.AddField(
            model_name='adjustment',
            name='terms_version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contracts.termsversion', verbose_name='terms version'),
        ),
        migrations.AddField(
            model_name='deposit',
            name='asked_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked by'),
        ),
        migrations.AddField(
            model_name='deposit',
            name='contract',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deposits', to='contracts.contract', verbose_name='contract'),
        ),
        migrations.AddField(
            model_name='deposituse',
            name='deposit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='billing.deposit', verbose_name='deposit'),
        ),
        migrations.AddField(
            model_name='deposituse',
            name='payment',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='deposit_use', to='billing.payment', verbose_name='payment'),
        ),
        migrations.AddField(
            model_name='refusedusage',
            name='settled_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='settled by'),
        ),
        migrations.AddField(
            model_name='specialprice',
            name='contract',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='special_prices', to='contracts.contract', verbose_name='contract'),
        ),
        migrations.AddField(
            model_name='specialprice',
            name='set_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='set by'),
        ),
        migrations.AddField(
            model_name='usageimport',
            name='imported_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='imported by'),
        ),
        migrations.AddField(
            model_name='refusedusage',
            name='imported',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refused_rows', to='billing.usageimport', verbose_name='usage import'),
        ),
        migrations.AddField(
            model_name='usagerecord',
            name='contract',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='usage_records', to='contracts.contract', verbose_name='contract'),
        ),
        migrations.AddField(
            model_name='usagerecord',
            name='imported',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='records', to='billing.usageimport', verbose_name='usage import'),
        ),
        migrations.AddField(
            model_name='usagerecord',
            name='invoice',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='usage_records', to='billing.invoice', verbose_name='invoice'),
        ),
        migrations.AddIndex(
            model_name='adjustment',
            index=models.Index(condition=models.Q(('invoice__isnull', True), ('withdrawn_at__isnull', True)), fields=['contract', 'month'], name='adjustment_pending'),
        ),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='adjustment_not_zero'),
        ),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=models.CheckConstraint(condition=models.Q(('month__day', 1)), name='adjustment_month_first_day'),
        ),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=models.CheckConstraint(condition=models.Q(('invoice__isnull', True), ('withdrawn_at__isnull', True), _connector='OR'), name='adjustment_invoiced_or_withdrawn'),
        ),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('once_key', ''), _negated=True), ('withdrawn_at__isnull', True)), fields=('contract', 'kind', 'once_key'), name='adjustment_decided_once'),
        ),
        migrations.AddConstraint(
            model_name='deposit',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 1)), name='deposit_positive'),
        ),
        migrations.AddConstraint(
            model_name='deposit',
            constraint=models.UniqueConstraint(condition=models.Q(('returned_on__isnull', True)), fields=('contract',), name='deposit_one_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='deposit',
            constraint=models.UniqueConstraint(condition=models.Q(('reference', ''), _negated=True), fields=('reference',), name='deposit_reference_once'),
        ),
        migrations.AddConstraint(
            model_name='deposit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('returned_amount', 0), ('returned_on__isnull', True)), models.Q(('received_on__isnull', False), ('returned_on__isnull', False)), _connector='OR'), name='deposit_returned_after_receipt'),
        ),
        migrations.AddConstraint(
            model_name='specialprice',
            constraint=models.UniqueConstraint(fields=('contract', 'product', 'starts_on'), name='special_price_start_once'),
        ),
        migrations.AddConstraint(
            model_name='specialprice',
            constraint=models.UniqueConstraint(condition=models.Q(('ends_on__isnull', True)), fields=('contract', 'product'), name='special_price_open_once'),
        ),
        migrations.AddConstraint(
            model_name='specialprice',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='special_price_in_order'),
        ),
        migrations.AddConstraint(
            model_name='refusedusage',
            constraint=models.UniqueConstraint(fields=('imported', 'row_number'), name='refused_usage_once'),
        ),
        migrations.AddConstraint(
            model_name='refusedusage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', True), ('settlement', '')), models.Q(('settled_at__isnull', False), models.Q(('settlement', ''), _negated=True)), _connector='OR'), name='refused_usage_settled_somehow'),
        ),
        migrations.AddIndex(
            model_name='usagerecord',
            index=models.Index(condition=models.Q(('invoice__isnull', True)), fields=['contract', 'month'], name='usage_not_charged'),
        ),
        migrations.AddIndex(
            model_name='usagerecord',
            index=models.Index(fields=['month', 'contract'], name='usage_month'),
        ),
        migrations.AddConstraint(
            model_name='usagerecord',
            constraint=models.CheckConstraint(condition=models.Q(('month__day', 1)), name='usage_month_first_day'),
        ),
    ]
