"""A booking pays for every index and check: those that say nothing new are gone (see the models)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0007_look_under_lock"),
        ("businesses", "0003_logo"),
        ("catalog", "0006_questions_prices_promotions"),
        ("customers", "0002_codes_and_consent"),
        ("schedule", "0003_slot_guard"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="booking",
            name="booking_by_customer",
        ),
        migrations.RemoveIndex(
            model_name="booking",
            name="booking_by_account",
        ),
        migrations.RemoveIndex(
            model_name="booking",
            name="booking_by_slot",
        ),
        migrations.AlterField(
            model_name="booking",
            name="account",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="booking",
            name="business",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="bookings",
                to="businesses.business",
            ),
        ),
        migrations.AlterField(
            model_name="booking",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bookings",
                to="customers.customer",
            ),
        ),
        migrations.AlterField(
            model_name="booking",
            name="slot",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="bookings",
                to="schedule.slot",
            ),
        ),
        migrations.AlterField(
            model_name="bookingchange",
            name="booking",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="changes",
                to="bookings.booking",
            ),
        ),
        migrations.AlterField(
            model_name="bookingchange",
            name="business",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="businesses.business",
            ),
        ),
        migrations.AlterField(
            model_name="claim",
            name="business",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="businesses.business",
            ),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(fields=["customer", "starts_at"], name="booking_by_customer"),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                condition=models.Q(("account__isnull", False)),
                fields=["account", "starts_at"],
                name="booking_by_account",
            ),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                condition=models.Q(("slot__isnull", False)), fields=["slot"], name="booking_by_slot"
            ),
        ),
    ]
