from django.db import migrations, models

import portal.frozen

SETTLED = 'OLD.in_force_at IS NOT NULL OR OLD.dismissed_at IS NOT NULL'


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0026_debts_of_parties'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='policyrevision', name='contracts_policyrevision_stays'),
        migrations.RemoveConstraint(model_name='policyrevision', name='contracts_policyrevision_is_kept'),
        migrations.RemoveConstraint(model_name='policyrevision', name='policy_revision_one_waits'),
        migrations.AddField(
            model_name='policyrevision',
            name='dismissed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='Dismissed at'),
        ),
        migrations.AddConstraint(
            model_name='policyrevision',
            constraint=models.UniqueConstraint(condition=models.Q(('dismissed_at__isnull', True), ('in_force_at__isnull', True)), fields=('terms_version',), name='policy_revision_one_waits'),
        ),
        migrations.AddConstraint(
            model_name='policyrevision',
            constraint=models.CheckConstraint(condition=models.Q(('dismissed_at__isnull', True), models.Q(('in_force_at__isnull', True), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='policy_revision_dismissed_says_why'),
        ),
        migrations.AddConstraint(
            model_name='policyrevision',
            constraint=portal.frozen.NeverChanges(name='contracts_policyrevision_stays', says='a corrected reading that is in force never changes', when=SETTLED),
        ),
        migrations.AddConstraint(
            model_name='policyrevision',
            constraint=portal.frozen.NeverDeleted(name='contracts_policyrevision_is_kept', says='a corrected reading that is in force is never deleted', when=SETTLED),
        ),
    ]
