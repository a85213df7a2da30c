from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0043_issuing_agents'),
    ]

    operations = [
        migrations.AddField(
            model_name='contractrequest',
            name='all_or_nothing',
            field=models.BooleanField(default=False, verbose_name='Together or not at all'),
        ),
        migrations.AddField(
            model_name='contractrequest',
            name='sent_together',
            field=models.UUIDField(db_index=True, editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name='contractrequest',
            constraint=models.CheckConstraint(condition=models.Q(('all_or_nothing', False), ('sent_together__isnull', False), _connector='OR'), name='request_all_of_several'),
        ),
    ]
