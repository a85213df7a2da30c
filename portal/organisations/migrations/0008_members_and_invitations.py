import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


def give_members_what_they_could_do(apps, schema_editor):
    """Every member could do everything but what owners will do."""
    members = apps.get_model("organisations", "Membership").objects.filter(role="member")
    members.update(handles_contracts=True, handles_billing=True)


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0001_initial"),
        ("organisations", "0007_company"),
    ]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "Owner"), ("member", "Member")], max_length=10, verbose_name="Role"
                    ),
                ),
                (
                    "handles_contracts",
                    models.BooleanField(
                        default=False, verbose_name="Contracts"
                    ),
                ),
                (
                    "handles_billing",
                    models.BooleanField(
                        default=False, verbose_name="Billing"
                    ),
                ),
                ("is_limited", models.BooleanField(default=False, verbose_name="Only certain contracts")),
                ("email", models.EmailField(max_length=254, verbose_name="E-mail address")),
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("times_sent", models.PositiveSmallIntegerField(default=1, verbose_name="Times sent")),
                ("invited_at", models.DateTimeField(verbose_name="Invited at")),
                ("expires_at", models.DateTimeField(verbose_name="Valid until")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="Withdrawn at")),
                ("accepted_at", models.DateTimeField(blank=True, null=True, verbose_name="Accepted at")),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
                "ordering": ["-invited_at", "-pk"],
            },
        ),
        migrations.AddField(
            model_name="membership",
            name="contracts",
            field=models.ManyToManyField(
                blank=True, related_name="+", to="contracts.contract", verbose_name="Contracts"
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="handles_billing",
            field=models.BooleanField(
                default=False, verbose_name="Billing"
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="handles_contracts",
            field=models.BooleanField(
                default=False, verbose_name="Contracts"
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="is_limited",
            field=models.BooleanField(default=False, verbose_name="Only certain contracts"),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("role", "member"),
                    models.Q(("handles_billing", False), ("handles_contracts", False), ("is_limited", False)),
                    _connector="OR",
                ),
                name="membership_owner_may_do_all",
                violation_error_message="An owner may do everything, for all contracts. Choose no further right and no limit.",
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="contracts",
            field=models.ManyToManyField(
                blank=True, related_name="+", to="contracts.contract", verbose_name="Contracts"
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="invited_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="Invited by",
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="invitations",
                to="organisations.organisation",
                verbose_name="organisation",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["owner", "member"])), name="invitation_role_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("role", "member"),
                    models.Q(("handles_billing", False), ("handles_contracts", False), ("is_limited", False)),
                    _connector="OR",
                ),
                name="invitation_owner_may_do_all",
                violation_error_message="An owner may do everything, for all contracts. Choose no further right and no limit.",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("email"),
                models.F("organisation"),
                condition=models.Q(("accepted_at__isnull", True), ("withdrawn_at__isnull", True)),
                name="invitation_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("accepted_at__isnull", True), ("withdrawn_at__isnull", True), _connector="OR"
                ),
                name="invitation_ends_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("invited_at"))),
                name="invitation_expires_later",
            ),
        ),
        migrations.RunPython(give_members_what_they_could_do, migrations.RunPython.noop),
    ]
