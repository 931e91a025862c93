"""A look at a gap asks who was offered its starts before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("waitlist", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="offer",
            index=models.Index(fields=["business", "starts_at"], name="offer_by_start"),
        ),
    ]
