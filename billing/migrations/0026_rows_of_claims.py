"""Payments and credit entries get the moment at which they were recorded, and invoices what is paid of them."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.models.functions import Greatest

import portal.frozen

INVOICE_STAYS = 'an issued invoice never changes'
EXCEPT = ('pdf', 'pdf_hash', 'cancelled_on', 'cancel_reason')


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0025_never_emptied'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='invoice', name='billing_invoice_stays'),
        migrations.AddField('invoice', 'paid', models.BigIntegerField(default=0, verbose_name='Paid')),
        migrations.AddField('invoice', 'returned', models.BigIntegerField(default=0, verbose_name='Returned')),
        migrations.AddField(
            'invoice',
            'open_amount',
            models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(cancelled_on__isnull=False, then=models.Value(0)),
                    default=Greatest(models.F('gross') - models.F('paid') - models.F('returned'), 0),
                ),
                output_field=models.BigIntegerField(verbose_name='Open amount'),
                verbose_name='Open amount',
            ),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(
                condition=models.Q(('paid__gte', 0), ('returned__gte', 0)),
                name='invoice_paid_and_returned_not_negative',
            ),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=portal.frozen.NeverChanges(
                except_fields=(*EXCEPT, 'paid', 'returned', 'open_amount'),
                name='billing_invoice_stays',
                says=INVOICE_STAYS,
            ),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(
                condition=models.Q(('open_amount__gt', 0)), fields=['due_on'], name='invoice_open_due'
            ),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(
                condition=models.Q(('open_amount__gt', 0)),
                fields=['organisation', 'due_on'],
                name='invoice_open_customer',
            ),
        ),
        migrations.RemoveConstraint(model_name='payment', name='payment_positive'),
        migrations.RemoveConstraint(model_name='payment', name='payment_reference_once'),
        migrations.RemoveConstraint(model_name='payment', name='payment_once_of_transaction'),
        migrations.AlterField('payment', 'amount', models.BigIntegerField(verbose_name='Amount')),
        migrations.AddField(
            'payment',
            'recorded_at',
            models.DateTimeField(default=django.utils.timezone.now, verbose_name='Recorded at'),
        ),
        migrations.AddField(
            'payment',
            'takes_back',
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name='taken_back_by',
                to='billing.payment',
                verbose_name='payment that this one takes back',
            ),
        ),
        migrations.AddField(
            'payment',
            'continues',
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name='continued_by',
                to='billing.payment',
                verbose_name='payment that this one continues',
            ),
        ),
        migrations.AddField(
            'creditentry',
            'recorded_at',
            models.DateTimeField(default=django.utils.timezone.now, verbose_name='Recorded at'),
        ),
    ]
