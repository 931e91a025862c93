from django.db import migrations


def tune(apps, schema_editor):
    """On PostgreSQL: counters need no write-ahead log, and a queue's dead rows are swept early."""
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute("ALTER TABLE core_ratewindow SET UNLOGGED")
    schema_editor.execute(
        "ALTER TABLE core_outboxevent SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000)"
    )


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [migrations.RunPython(tune, migrations.RunPython.noop)]
