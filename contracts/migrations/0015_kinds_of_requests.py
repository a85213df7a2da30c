from django.db import migrations, models


class Migration(migrations.Migration):
    """The kinds of requests are listed by their classes, no longer by the model; what is stored stays."""

    dependencies = [("contracts", "0014_amounts_in_reach")]

    operations = [
        migrations.AlterField(
            model_name="contractrequest",
            name="kind",
            field=models.CharField(max_length=20, verbose_name="Kind"),
        ),
    ]
