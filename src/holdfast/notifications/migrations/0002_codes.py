from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("booked", "Booked"),
                    ("changed", "Changed"),
                    ("cancelled", "Cancelled"),
                    ("reminder", "Reminder"),
                    ("code", "Code for an address"),
                ],
                max_length=12,
            ),
        ),
    ]
