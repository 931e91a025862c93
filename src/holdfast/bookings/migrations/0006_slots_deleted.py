"""A slot that nobody is in can be deleted; what became of earlier bookings in it stays with them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bookings", "0005_requests"), ("schedule", "0003_slot_guard")]

    operations = [
        migrations.AlterField(
            model_name="booking",
            name="slot",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="bookings",
                to="schedule.slot",
            ),
        ),
    ]
