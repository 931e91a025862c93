from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_every_mode")]

    operations = [
        migrations.AlterField(
            model_name="service",
            name="who_may_book",
            field=models.CharField(
                choices=[
                    ("anyone", "Anyone"),
                    ("verified_email", "People whose email address is verified"),
                    ("signed_in", "People who are signed in"),
                ],
                default="anyone",
                max_length=16,
            ),
        ),
    ]
