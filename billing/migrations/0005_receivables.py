"""Bank entries, credit balances, direct debits and letters; payments that can be taken back."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0004_keep_what_was_issued'),
        ('contracts', '0002_freeze_published_terms'),
        ('organisations', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CreditBalance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.BigIntegerField(default=0, verbose_name='Credit')),
            ],
            options={
                'verbose_name': 'credit balance',
                'verbose_name_plural': 'credit balances',
                'ordering': ['organisation', 'provider'],
            },
        ),
        migrations.CreateModel(
            name='CreditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(verbose_name='On')),
                ('amount', models.BigIntegerField(verbose_name='Amount')),
                ('kind', models.CharField(choices=[('overpaid', 'Paid beyond what was open'), ('held', 'Kept until the full amount has come in'), ('set_off', 'Set off'), ('taken_back', 'Taken back')], max_length=10, verbose_name='Kind')),
                ('reference', models.CharField(max_length=100, verbose_name='Reference')),
            ],
            options={
                'verbose_name': 'credit entry',
                'verbose_name_plural': 'credit entries',
                'ordering': ['on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='DebitMandate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('bank_code', models.CharField(max_length=4, validators=[django.core.validators.RegexValidator('^[0-9]{4}$', 'Write digits alone, with the zeros in front.')], verbose_name='Bank code')),
                ('bank_name', models.CharField(blank=True, max_length=15, verbose_name="Bank's name in kana")),
                ('branch_code', models.CharField(max_length=3, validators=[django.core.validators.RegexValidator('^[0-9]{3}$', 'Write digits alone, with the zeros in front.')], verbose_name='Branch code')),
                ('branch_name', models.CharField(blank=True, max_length=15, verbose_name="Branch's name in kana")),
                ('account_kind', models.CharField(choices=[('1', 'Ordinary account'), ('2', 'Current account'), ('4', 'Savings account'), ('9', 'Other account')], max_length=1, verbose_name='Kind of account')),
                ('account_number', models.CharField(max_length=7, validators=[django.core.validators.RegexValidator('^[0-9]{7}$', 'Write digits alone, with the zeros in front.')], verbose_name='Account number')),
                ('holder', models.CharField(max_length=30, verbose_name='Account holder in kana')),
                ('customer_number', models.CharField(max_length=20, unique=True, verbose_name='Customer number')),
                ('used', models.BooleanField(default=False, verbose_name='Debited before')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name='Ended on')),
            ],
            options={
                'verbose_name': 'direct debit mandate',
                'verbose_name_plural': 'direct debit mandates',
                'ordering': ['organisation', 'provider', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='DirectDebitBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('debit_on', models.DateField(verbose_name='Debit day')),
                ('status', models.CharField(choices=[('requested', 'Waiting for results'), ('settled', 'Results are in')], default='requested', max_length=10, verbose_name='Status')),
                ('request', models.TextField(verbose_name='Request file')),
                ('requested_at', models.DateTimeField(verbose_name='Made at')),
                ('settled_at', models.DateTimeField(blank=True, null=True, verbose_name='Results at')),
            ],
            options={
                'verbose_name': 'direct debit',
                'verbose_name_plural': 'direct debits',
                'ordering': ['-debit_on', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='DirectDebitLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sequence', models.PositiveIntegerField(verbose_name='Line')),
                ('amount', models.PositiveBigIntegerField(verbose_name='Amount')),
                ('result', models.CharField(blank=True, choices=[('0', 'Done'), ('1', 'Insufficient funds'), ('2', 'No such account'), ('3', 'Stopped by the account holder'), ('4', 'No mandate at the bank'), ('8', 'Stopped by the provider'), ('9', 'Another reason')], max_length=1, verbose_name='Result')),
            ],
            options={
                'verbose_name': 'debited invoice',
                'verbose_name_plural': 'debited invoices',
                'ordering': ['batch', 'sequence'],
            },
        ),
        migrations.CreateModel(
            name='PayerName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, verbose_name='Payer')),
            ],
            options={
                'verbose_name': "payer's name",
                'verbose_name_plural': "payers' names",
            },
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('issued_on', models.DateField(verbose_name='Issue date')),
                ('document', models.JSONField(verbose_name='Document')),
                ('document_hash', models.CharField(max_length=64, verbose_name='Document hash')),
                ('pdf', models.FileField(upload_to='letters/', verbose_name='PDF')),
                ('pdf_hash', models.CharField(max_length=64, verbose_name='PDF hash')),
                ('step', models.PositiveSmallIntegerField(verbose_name='Reminder')),
                ('pay_by', models.DateField(verbose_name='To be paid by')),
                ('open_amount', models.BigIntegerField(verbose_name='Open amount')),
                ('interest', models.BigIntegerField(verbose_name='Late interest')),
                ('sent_to', models.EmailField(blank=True, max_length=254, verbose_name='Sent to')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='Sent at')),
            ],
            options={
                'verbose_name': 'payment reminder',
                'verbose_name_plural': 'payment reminders',
                'ordering': ['-issued_on', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='ReminderLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.PositiveSmallIntegerField(verbose_name='Reminder')),
                ('open_amount', models.BigIntegerField(verbose_name='Open amount')),
                ('interest', models.BigIntegerField(verbose_name='Late interest')),
            ],
            options={
                'verbose_name': 'reminded invoice',
                'verbose_name_plural': 'reminded invoices',
                'ordering': ['reminder', 'invoice'],
            },
        ),
        migrations.CreateModel(
            name='SetOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('issued_on', models.DateField(verbose_name='Issue date')),
                ('document', models.JSONField(verbose_name='Document')),
                ('document_hash', models.CharField(max_length=64, verbose_name='Document hash')),
                ('pdf', models.FileField(upload_to='letters/', verbose_name='PDF')),
                ('pdf_hash', models.CharField(max_length=64, verbose_name='PDF hash')),
                ('amount', models.PositiveBigIntegerField(verbose_name='Amount')),
            ],
            options={
                'verbose_name': 'set-off',
                'verbose_name_plural': 'set-offs',
                'ordering': ['-issued_on', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='payment',
            name='kind',
            field=models.CharField(choices=[('entered', 'Entered by staff'), ('transfer', 'Bank transfer'), ('debit', 'Direct debit'), ('set_off', 'Set off')], default='entered', max_length=10, verbose_name='Kind'),
        ),
        migrations.AddField(
            model_name='payment',
            name='withdrawn_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='Taken back at'),
        ),
        migrations.AlterField(
            model_name='payment',
            name='reference',
            field=models.CharField(max_length=100, verbose_name='Reference'),
        ),
        migrations.CreateModel(
            name='BankAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('bank_code', models.CharField(max_length=4, validators=[django.core.validators.RegexValidator('^[0-9]{4}$', 'Write digits alone, with the zeros in front.')], verbose_name='Bank code')),
                ('bank_name', models.CharField(blank=True, max_length=15, verbose_name="Bank's name in kana")),
                ('branch_code', models.CharField(max_length=3, validators=[django.core.validators.RegexValidator('^[0-9]{3}$', 'Write digits alone, with the zeros in front.')], verbose_name='Branch code')),
                ('branch_name', models.CharField(blank=True, max_length=15, verbose_name="Branch's name in kana")),
                ('account_kind', models.CharField(choices=[('1', 'Ordinary account'), ('2', 'Current account'), ('4', 'Savings account'), ('9', 'Other account')], max_length=1, verbose_name='Kind of account')),
                ('account_number', models.CharField(max_length=7, validators=[django.core.validators.RegexValidator('^[0-9]{7}$', 'Write digits alone, with the zeros in front.')], verbose_name='Account number')),
                ('holder', models.CharField(max_length=40, verbose_name='Account holder in kana')),
                ('consignor_code', models.CharField(blank=True, max_length=10, validators=[django.core.validators.RegexValidator('^[0-9]{10}$', 'Write digits alone, with the zeros in front.')], verbose_name='Consignor code')),
                ('csv_columns', models.JSONField(blank=True, default=dict, verbose_name='Columns of CSV files')),
                ('provider', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bank_accounts', to='contracts.provider', verbose_name='provider')),
            ],
            options={
                'verbose_name': 'bank account',
                'verbose_name_plural': 'bank accounts',
                'ordering': ['provider', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='BankImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file_name', models.CharField(max_length=200, verbose_name='File')),
                ('content_hash', models.CharField(max_length=64, verbose_name='Content hash')),
                ('at', models.DateTimeField(verbose_name='Imported at')),
                ('known', models.PositiveIntegerField(default=0, verbose_name='Known already')),
                ('outgoing', models.PositiveIntegerField(default=0, verbose_name='Went out')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='imports', to='billing.bankaccount', verbose_name='bank account')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='imported by')),
            ],
            options={
                'verbose_name': 'bank file',
                'verbose_name_plural': 'bank files',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='BankTransaction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveIntegerField(verbose_name='Line')),
                ('booked_on', models.DateField(verbose_name='Booked on')),
                ('value_on', models.DateField(verbose_name='Value date')),
                ('amount', models.PositiveBigIntegerField(verbose_name='Amount')),
                ('payer', models.CharField(blank=True, max_length=100, verbose_name='Payer')),
                ('reference', models.CharField(blank=True, max_length=100, verbose_name='Reference')),
                ('remark', models.CharField(blank=True, max_length=200, verbose_name='Remark')),
                ('fingerprint', models.CharField(max_length=64, verbose_name='Fingerprint')),
                ('status', models.CharField(choices=[('open', 'To be matched'), ('settled', 'Matched'), ('parked', 'Parked')], default='open', max_length=8, verbose_name='Status')),
                ('allocated', models.PositiveBigIntegerField(default=0, verbose_name='Allocated')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='Note')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='transactions', to='billing.bankaccount', verbose_name='bank account')),
                ('bank_import', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='transactions', to='billing.bankimport', verbose_name='bank file')),
            ],
            options={
                'verbose_name': 'bank entry',
                'verbose_name_plural': 'bank entries',
                'ordering': ['-booked_on', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='payment',
            name='transaction',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='billing.banktransaction', verbose_name='bank entry'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True)), fields=('reference',), name='payment_reference_once'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True)), fields=('transaction', 'invoice'), name='payment_once_of_transaction'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'transfer'), _negated=True), ('transaction__isnull', False), _connector='OR'), name='payment_transfer_has_transaction'),
        ),
        migrations.AddField(
            model_name='creditbalance',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='credit_balances', to='organisations.organisation', verbose_name='organisation'),
        ),
        migrations.AddField(
            model_name='creditbalance',
            name='provider',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contracts.provider', verbose_name='provider'),
        ),
        migrations.AddField(
            model_name='creditentry',
            name='balance',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='billing.creditbalance', verbose_name='credit balance'),
        ),
        migrations.AddField(
            model_name='creditentry',
            name='transaction',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credit_entries', to='billing.banktransaction', verbose_name='bank entry'),
        ),
        migrations.AddField(
            model_name='debitmandate',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='debit_mandates', to='organisations.organisation', verbose_name='organisation'),
        ),
        migrations.AddField(
            model_name='debitmandate',
            name='provider',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='debit_mandates', to='contracts.provider', verbose_name='provider'),
        ),
        migrations.AddField(
            model_name='directdebitbatch',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='debit_batches', to='billing.bankaccount', verbose_name='bank account'),
        ),
        migrations.AddField(
            model_name='directdebitbatch',
            name='requested_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by'),
        ),
        migrations.AddField(
            model_name='directdebitline',
            name='batch',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='billing.directdebitbatch', verbose_name='direct debit'),
        ),
        migrations.AddField(
            model_name='directdebitline',
            name='invoice',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='debit_lines', to='billing.invoice', verbose_name='invoice'),
        ),
        migrations.AddField(
            model_name='directdebitline',
            name='mandate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='billing.debitmandate', verbose_name='direct debit mandate'),
        ),
        migrations.AddField(
            model_name='payername',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payer_names', to='organisations.organisation', verbose_name='organisation'),
        ),
        migrations.AddField(
            model_name='reminder',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reminders', to='organisations.organisation', verbose_name='organisation'),
        ),
        migrations.AddField(
            model_name='reminder',
            name='provider',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contracts.provider', verbose_name='provider'),
        ),
        migrations.AddField(
            model_name='reminderline',
            name='invoice',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reminder_lines', to='billing.invoice', verbose_name='invoice'),
        ),
        migrations.AddField(
            model_name='reminderline',
            name='reminder',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='billing.reminder', verbose_name='payment reminder'),
        ),
        migrations.AddField(
            model_name='setoff',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='set_offs', to='organisations.organisation', verbose_name='organisation'),
        ),
        migrations.AddField(
            model_name='setoff',
            name='payments',
            field=models.ManyToManyField(related_name='set_offs', to='billing.payment', verbose_name='payments'),
        ),
        migrations.AddField(
            model_name='setoff',
            name='provider',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contracts.provider', verbose_name='provider'),
        ),
        migrations.AddConstraint(
            model_name='bankaccount',
            constraint=models.UniqueConstraint(fields=('bank_code', 'branch_code', 'account_kind', 'account_number'), name='bank_account_once'),
        ),
        migrations.AddConstraint(
            model_name='bankimport',
            constraint=models.UniqueConstraint(fields=('account', 'content_hash'), name='bank_file_once'),
        ),
        migrations.AddIndex(
            model_name='banktransaction',
            index=models.Index(fields=['status', 'booked_on'], name='bank_entry_queue'),
        ),
        migrations.AddConstraint(
            model_name='banktransaction',
            constraint=models.UniqueConstraint(fields=('account', 'fingerprint'), name='bank_entry_once'),
        ),
        migrations.AddConstraint(
            model_name='banktransaction',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 1)), name='bank_entry_positive'),
        ),
        migrations.AddConstraint(
            model_name='banktransaction',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('allocated', models.F('amount')), ('status', 'settled')), models.Q(models.Q(('status', 'settled'), _negated=True), ('allocated', 0)), _connector='OR'), name='bank_entry_allocated_whole'),
        ),
        migrations.AddConstraint(
            model_name='banktransaction',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'parked'), _negated=True), models.Q(('note', ''), _negated=True), _connector='OR'), name='bank_entry_parked_with_note'),
        ),
        migrations.AddConstraint(
            model_name='creditbalance',
            constraint=models.UniqueConstraint(fields=('provider', 'organisation'), name='credit_balance_once'),
        ),
        migrations.AddConstraint(
            model_name='creditbalance',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='credit_balance_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='creditentry',
            constraint=models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='credit_entry_not_zero'),
        ),
        migrations.AddConstraint(
            model_name='creditentry',
            constraint=models.UniqueConstraint(condition=models.Q(('kind__in', ['overpaid', 'held'])), fields=('reference',), name='credit_reference_once'),
        ),
        migrations.AddConstraint(
            model_name='debitmandate',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_on__isnull', True)), fields=('provider', 'organisation'), name='debit_mandate_open_once'),
        ),
        migrations.AddConstraint(
            model_name='debitmandate',
            constraint=models.CheckConstraint(condition=models.Q(('customer_number__regex', '^[0-9]{20}$')), name='debit_mandate_20_digits'),
        ),
        migrations.AddConstraint(
            model_name='directdebitbatch',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'requested')), fields=('account', 'debit_on'), name='debit_batch_open_once'),
        ),
        migrations.AddConstraint(
            model_name='directdebitbatch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', True), ('status', 'requested')), models.Q(('settled_at__isnull', False), ('status', 'settled')), _connector='OR'), name='debit_batch_settled_at'),
        ),
        migrations.AddConstraint(
            model_name='directdebitline',
            constraint=models.UniqueConstraint(fields=('batch', 'sequence'), name='debit_line_sequence_once'),
        ),
        migrations.AddConstraint(
            model_name='directdebitline',
            constraint=models.UniqueConstraint(condition=models.Q(('result', '')), fields=('invoice',), name='debit_line_invoice_waits_once'),
        ),
        migrations.AddConstraint(
            model_name='directdebitline',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 1)), name='debit_line_positive'),
        ),
        migrations.AddConstraint(
            model_name='payername',
            constraint=models.UniqueConstraint(fields=('organisation', 'name'), name='payer_name_once'),
        ),
        migrations.AddConstraint(
            model_name='payername',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='payer_name_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.CheckConstraint(condition=models.Q(('open_amount__gte', 1)), name='reminder_of_something_open'),
        ),
        migrations.AddConstraint(
            model_name='reminderline',
            constraint=models.UniqueConstraint(fields=('invoice', 'step'), name='reminder_step_once'),
        ),
        migrations.AddConstraint(
            model_name='reminderline',
            constraint=models.CheckConstraint(condition=models.Q(('step__gte', 1)), name='reminder_step_positive'),
        ),
        migrations.AddConstraint(
            model_name='setoff',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 1)), name='set_off_positive'),
        ),
    ]
