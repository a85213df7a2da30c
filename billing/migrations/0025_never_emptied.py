"""What is never deleted can't be emptied on PostgreSQL either: installations from before get the triggers."""

from functools import partial

from django.db import migrations

from portal.frozen import guard_against_emptying


class Migration(migrations.Migration):
    dependencies = [("billing", "0024_letters_drawn_by_workers")]

    operations = [
        migrations.RunPython(partial(guard_against_emptying, app="billing"), migrations.RunPython.noop),
    ]
