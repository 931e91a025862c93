"""Less for the database to do at every booking: plans made once, and no index whose work another one does."""

import django.db.models.deletion
from django.db import migrations, models

# How many ids an array holds is not known before it is given, so PostgreSQL took a plan of any number of them to be
# dearer than one for this very array, and planned two of the four statements afresh at every call. There is only one
# sensible way to go in each of them.
_FUNCTION = "ALTER FUNCTION holdfast_look {} plan_cache_mode"


def plan_once(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(_FUNCTION.format("SET") + " = force_generic_plan")


def plan_as_before(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(_FUNCTION.format("RESET"))


def _without_index(model, field, to, related_name):
    return migrations.AlterField(
        model,
        field,
        models.ForeignKey(
            db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name=related_name, to=to
        ),
    )


class Migration(migrations.Migration):
    dependencies = [("bookings", "0007_look_under_lock")]

    operations = [
        migrations.RunPython(plan_once, plan_as_before),
        _without_index("booking", "business", "businesses.business", "bookings"),
        _without_index("claim", "business", "businesses.business", "+"),
        _without_index("bookingchange", "booking", "bookings.booking", "changes"),
    ]
