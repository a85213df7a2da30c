"""What is stated of a provider stands in its table alone, and never changes there."""

import portal.frozen
from django.db import migrations

MOVED = ("name", "name_en", "registration_number", "postal_code", "address", "phone", "email", "bank_account")


class Migration(migrations.Migration):

    dependencies = [('contracts', '0016_particulars_of_providers')]

    operations = [
        *(migrations.RemoveField(model_name="provider", name=name) for name in MOVED),
        migrations.AddConstraint(
            model_name='providerparticulars',
            constraint=portal.frozen.NeverChanges(name='contracts_providerparticulars_stay', says='what was stated of a provider never changes'),
        ),
    ]
