"""Who was the customer of an invoice owes it: earlier releases knew no other debtor."""

from django.db import migrations
from django.db.models import F


def fill(apps, schema_editor):
    apps.get_model('billing', 'Invoice').objects.update(debtor=F('organisation'))


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0035_debtors'),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
