"""The database's own guard of the ledger: entries are added and never changed."""

from django.db import migrations

from holdfast.payments.sql import GUARD


def _put_up(apps, schema_editor):
    for statement in GUARD[schema_editor.connection.vendor][0]:
        schema_editor.execute(statement)


def _take_down(apps, schema_editor):
    for statement in GUARD[schema_editor.connection.vendor][1]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [migrations.RunPython(_put_up, _take_down)]
