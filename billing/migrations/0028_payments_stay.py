import portal.frozen
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0027_payments_taken_back'),
    ]

    operations = [
        migrations.RemoveField('payment', 'withdrawn_at'),
        migrations.AddConstraint(
            model_name='creditentry',
            constraint=portal.frozen.NeverChanges(name='billing_creditentry_stays', says='a credit entry never changes'),
        ),
        migrations.AddConstraint(
            model_name='creditentry',
            constraint=portal.frozen.NeverDeleted(name='billing_creditentry_is_kept', says='a credit entry is never deleted'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount__gte', 1), ('takes_back__isnull', True)), models.Q(('amount__lte', -1), ('continues__isnull', True), ('takes_back__isnull', False)), _connector='OR'), name='payment_or_taken_back'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.UniqueConstraint(condition=models.Q(('continues__isnull', True), ('takes_back__isnull', True)), fields=('reference',), name='payment_reference_once'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=portal.frozen.NeverChanges(name='billing_payment_stays', says='a recorded payment never changes'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=portal.frozen.NeverDeleted(name='billing_payment_is_kept', says='a recorded payment is never deleted'),
        ),
    ]
