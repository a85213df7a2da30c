import django.db.models.deletion
from django.db import migrations, models

import portal.frozen


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0036_first_debtors'),
    ]

    operations = [
        migrations.AlterField(
            model_name='invoice',
            name='debtor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='debts', to='organisations.organisation', verbose_name='debtor'),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(condition=models.Q(('open_amount__gt', 0)), fields=['debtor', 'open_due_on'], name='invoice_open_customer'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=portal.frozen.NeverChanges(except_fields=('debtor', 'pdf', 'pdf_hash', 'cancelled_on', 'cancel_reason', 'due_at_once_on', 'paid', 'returned', 'open_amount', 'open_due_on'), name='billing_invoice_stays', says='an issued invoice never changes'),
        ),
    ]
