"""Questions of customers to providers, and when these are reached."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import portal.frozen


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0044_sent_together'),
        ('organisations', '0011_members_of_agents'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="providerparticulars", name="contracts_providerparticulars_stay"
        ),
        migrations.AddField(
            model_name='providerparticulars',
            name='hours',
            field=models.CharField(blank=True, help_text='On which days, and from when until when, customers reach somebody by telephone.', max_length=200, verbose_name='Reception hours'),
        ),
        migrations.AddConstraint(
            model_name="providerparticulars",
            constraint=portal.frozen.NeverChanges(
                name="contracts_providerparticulars_stay", says="what was stated of a provider never changes"
            ),
        ),
        migrations.AlterField(
            model_name='numbercounter',
            name='kind',
            field=models.CharField(choices=[('A', 'Application'), ('C', 'Contract'), ('R', 'Request'), ('L', 'Letter'), ('Q', 'Inquiry')], max_length=1, verbose_name='Kind'),
        ),
        migrations.CreateModel(
            name='Inquiry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True, verbose_name='Number')),
                ('about_kind', models.CharField(max_length=20, verbose_name='What it is about')),
                ('about_number', models.CharField(max_length=40, verbose_name='Its number')),
                ('day', models.DateField(blank=True, null=True, verbose_name='Date it is about')),
                ('subject', models.CharField(max_length=100, verbose_name='Subject')),
                ('status', models.CharField(choices=[('open', 'Waits for an answer'), ('answered', 'Answered'), ('closed', 'Closed')], default='open', max_length=10, verbose_name='Status')),
                ('asked_at', models.DateTimeField(verbose_name='Date of the inquiry')),
                ('waits_since', models.DateTimeField(verbose_name='Waits for an answer since')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='Closed at')),
                ('language', models.CharField(choices=[('ja', 'Japanese'), ('en', 'English')], max_length=2, verbose_name='Language')),
                ('submission_key', models.UUIDField(editable=False, unique=True)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked by')),
                ('contract', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='inquiries', to='contracts.contract', verbose_name='contract')),
                ('handled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='answered by')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='inquiries', to='organisations.organisation', verbose_name='organisation')),
                ('provider', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='inquiries', to='contracts.provider', verbose_name='provider')),
            ],
            options={
                'verbose_name': 'inquiry',
                'verbose_name_plural': 'inquiries',
                'ordering': ['-asked_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='InquiryMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('by_staff', models.BooleanField(verbose_name='Of the provider')),
                ('text', models.TextField(verbose_name='Text')),
                ('at', models.DateTimeField(verbose_name='At')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='By')),
                ('inquiry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='contracts.inquiry', verbose_name='inquiry')),
            ],
            options={
                'verbose_name': 'message of an inquiry',
                'verbose_name_plural': 'messages of inquiries',
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.AddIndex(
            model_name='inquiry',
            index=models.Index(fields=['status', 'waits_since'], name='inquiry_queue'),
        ),
        migrations.AddConstraint(
            model_name='inquiry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('status', 'closed')), models.Q(models.Q(('status', 'closed'), _negated=True), ('closed_at__isnull', True)), _connector='OR'), name='inquiry_closed_at'),
        ),
        migrations.AddConstraint(
            model_name='inquirymessage',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='inquiry_message_says_something'),
        ),
    ]
