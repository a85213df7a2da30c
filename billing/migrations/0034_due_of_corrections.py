import django.db.models.expressions
import portal.frozen
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0033_outages_of_options'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='invoice',
            name='billing_invoice_stays',
        ),
        migrations.RemoveIndex(
            model_name='invoice',
            name='invoice_open_due',
        ),
        migrations.RemoveIndex(
            model_name='invoice',
            name='invoice_open_customer',
        ),
        migrations.AddField(
            model_name='invoice',
            name='added',
            field=models.BigIntegerField(default=0, verbose_name='Asked for beyond the replaced invoice'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='added_due_on',
            field=models.DateField(blank=True, null=True, verbose_name='Due date of what was added'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='due_at_once_on',
            field=models.DateField(blank=True, null=True, verbose_name='Due at once since'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='open_due_on',
            field=models.GeneratedField(db_persist=True, expression=models.Case(models.When(due_at_once_on__isnull=False, then=models.F('due_at_once_on')), models.When(models.Q(('added_due_on__isnull', False), ('paid__gte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('gross'), '-', models.F('returned')), '-', models.F('added')))), then=models.F('added_due_on')), default=models.F('due_on')), output_field=models.DateField(verbose_name='Due since'), verbose_name='Due since'),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(condition=models.Q(('open_amount__gt', 0)), fields=['open_due_on'], name='invoice_open_due'),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(condition=models.Q(('open_amount__gt', 0)), fields=['organisation', 'open_due_on'], name='invoice_open_customer'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('added', 0), ('added_due_on__isnull', True)), models.Q(('added__gte', 1), ('added__lte', models.F('gross')), ('added_due_on__isnull', False), ('replaces__isnull', False)), _connector='OR'), name='invoice_added_has_its_day'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=portal.frozen.NeverChanges(except_fields=('pdf', 'pdf_hash', 'cancelled_on', 'cancel_reason', 'due_at_once_on', 'paid', 'returned', 'open_amount', 'open_due_on'), name='billing_invoice_stays', says='an issued invoice never changes'),
        ),
    ]
