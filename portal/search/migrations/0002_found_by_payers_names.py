from django.db import migrations


def forget_all(apps, schema_editor):
    """`migrate` fills an empty table when it has ended: by then with all that things are found by."""
    apps.get_model("search", "SearchEntry").objects.using(schema_editor.connection.alias).all().delete()


class Migration(migrations.Migration):
    dependencies = [("search", "0001_search_entries")]

    operations = [migrations.RunPython(forget_all, migrations.RunPython.noop)]
