from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("businesses", "0002_privacy_text"),
    ]

    operations = [
        migrations.AddField(
            model_name="business",
            name="logo",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
    ]
