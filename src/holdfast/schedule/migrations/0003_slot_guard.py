"""The database's own guard against overlapping slots of a resource (DESIGN §2), and the index its look-up uses."""

from django.db import migrations, models
from django.db.models import Q

from holdfast.schedule.sql import GUARD


def _put_up(apps, schema_editor):
    for statement in GUARD[schema_editor.connection.vendor][0]:
        schema_editor.execute(statement)


def _take_down(apps, schema_editor):
    for statement in GUARD[schema_editor.connection.vendor][1]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("schedule", "0002_every_mode")]

    operations = [
        migrations.AddIndex(
            model_name="slot",
            index=models.Index(
                fields=["business", "resource", "ends_at"],
                name="slot_of_resource",
                condition=Q(resource__isnull=False),
            ),
        ),
        migrations.RunPython(_put_up, _take_down),
    ]
