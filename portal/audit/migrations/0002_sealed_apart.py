"""What is personal is sealed apart, so that it can be erased; entries are kept by the database, too."""

import portal.frozen
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0001_initial'),
        ('organisations', '0003_session_generation'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='auditentry',
            name='format',
            field=models.PositiveSmallIntegerField(default=1, verbose_name='Format of the seal'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='auditentry',
            name='personal',
            field=models.JSONField(blank=True, null=True, verbose_name='Personal data'),
        ),
        migrations.AddField(
            model_name='auditentry',
            name='personal_hash',
            field=models.CharField(blank=True, max_length=64, verbose_name='Digest of personal data'),
        ),
        migrations.AddField(
            model_name='auditentry',
            name='salt',
            field=models.CharField(blank=True, max_length=32),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='previous_hash',
            field=models.CharField(max_length=64, verbose_name='Seal of the record before'),
        ),
        migrations.AddConstraint(
            model_name='auditentry',
            constraint=portal.frozen.NeverChanges(except_fields=('personal', 'salt'), name='audit_auditentry_stays', says='an audit entry never changes'),
        ),
        migrations.AddConstraint(
            model_name='auditentry',
            constraint=portal.frozen.NeverChanges(fields=('personal', 'salt'), name='audit_auditentry_is_erased_only', says='personal values of an audit entry are erased, with their salt, and never changed', when="OLD.salt = '' OR NEW.salt <> '' OR NEW.personal IS NOT NULL"),
        ),
        migrations.AddConstraint(
            model_name='auditentry',
            constraint=portal.frozen.NeverDeleted(name='audit_auditentry_is_kept', says='an audit entry is never deleted'),
        ),
    ]
