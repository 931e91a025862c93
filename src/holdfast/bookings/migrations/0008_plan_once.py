"""Less for the database to do at every booking: the look before it is planned once."""

from django.db import migrations

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


class Migration(migrations.Migration):
    dependencies = [("bookings", "0007_look_under_lock")]

    operations = [migrations.RunPython(plan_once, plan_as_before)]
