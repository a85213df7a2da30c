from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0025_payment_order'),
    ]

    operations = [
        migrations.AddField(
            model_name='contractparty',
            name='takes_debts',
            field=models.BooleanField(blank=True, null=True, verbose_name='Takes over the open debts'),
        ),
    ]
