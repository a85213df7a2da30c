"""What was taken back of payments becomes rows of their own, and what is paid of invoices their sum.

Earlier releases marked a payment as taken back, and stored what was left of it as another one of the same
reference. Nobody knows any more when a row was recorded: the day for which it counts has to do.
"""

from datetime import datetime, time, tzinfo
from zoneinfo import ZoneInfo

from django.db import migrations
from django.db.models import OuterRef, Subquery, Sum

JAPAN: tzinfo = ZoneInfo('Asia/Tokyo')


def keep(apps, schema_editor):
    payments = apps.get_model('billing', 'Payment').objects.order_by()
    _dated(payments, 'paid_on')
    _dated(apps.get_model('billing', 'CreditEntry').objects.order_by(), 'on')
    _continue(payments)
    _take_back(payments)
    _sum(apps.get_model('billing', 'Invoice').objects.order_by(), payments)


def _dated(rows, field):
    for day in rows.values_list(field, flat=True).distinct():
        rows.filter(**{field: day}).update(recorded_at=datetime.combine(day, time(), JAPAN))


def _continue(payments):
    """A payment whose reference an earlier one had stands in its place, since that one was taken back."""
    earlier = payments.filter(reference=OuterRef('reference'), pk__lt=OuterRef('pk')).order_by('-pk')
    found = payments.annotate(
        earlier=Subquery(earlier.values('pk')[:1]), since=Subquery(earlier.values('withdrawn_at')[:1])
    ).filter(earlier__isnull=False)
    for payment in list(found):
        payments.filter(pk=payment.pk).update(
            continues=payment.earlier, recorded_at=payment.since or payment.recorded_at
        )


def _take_back(payments):
    payments.bulk_create(
        (
            payments.model(
                invoice_id=payment.invoice_id,
                paid_on=payment.withdrawn_at.astimezone(JAPAN).date(),
                amount=-payment.amount,
                reference=payment.reference,
                kind=payment.kind,
                transaction_id=payment.transaction_id,
                recorded_at=payment.withdrawn_at,
                takes_back=payment,
            )
            for payment in payments.filter(withdrawn_at__isnull=False).iterator()
        ),
        batch_size=1000,
    )


def _sum(invoices, payments):
    paid = payments.filter(invoice=OuterRef('pk')).values('invoice').annotate(sum=Sum('amount'))
    invoices.filter(pk__in=payments.values('invoice')).update(paid=Subquery(paid.values('sum')))
    returns = invoices.filter(original__isnull=False, cancelled_on__isnull=True)
    of_one = returns.filter(original=OuterRef('pk')).values('original').annotate(sum=Sum('gross'))
    invoices.filter(pk__in=returns.values('original')).update(returned=-Subquery(of_one.values('sum')))


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0026_rows_of_claims'),
    ]

    operations = [
        migrations.RunPython(keep),
    ]
