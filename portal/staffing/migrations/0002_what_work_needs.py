from django.db import migrations

# What the groups of two roles see of contracts: until now it was everything.
KEPT = {
    "約款担当": (
        "acceptedoutcome",
        "companyclosure",
        "examplelife",
        "livesrun",
        "notice",
        "noticedelivery",
        "policyrevision",
        "provider",
        "providerparticulars",
        "service",
        "termsversion",
    ),
    "経理担当": (
        "claim",
        "companyclosure",
        "contract",
        "contractitem",
        "individualagreement",
        "notice",
        "policyrevision",
        "provider",
        "providerparticulars",
        "service",
        "suspension",
        "task",
        "termsversion",
    ),
}


def take_away(apps, schema_editor):
    """Take the right to see the rest of contracts, with the personal data in it, from both groups."""
    group_model, permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    seen = permission.objects.filter(content_type__app_label="contracts", codename__startswith="view_")
    for name, kept in KEPT.items():
        group = group_model.objects.filter(name=name).first()
        if group:
            taken = seen.exclude(codename__in=[f"view_{model}" for model in kept])
            group.permissions.remove(*taken)


class Migration(migrations.Migration):

    dependencies = [
        ("staffing", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(take_away, migrations.RunPython.noop)]
