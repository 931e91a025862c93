import django.db.models.deletion
from django.db import migrations, models

import holdfast.core.clock
import holdfast.core.ids


class Migration(migrations.Migration):
    """How tables stand together: combinations and neighbours."""

    dependencies = [
        ("businesses", "0002_privacy_text"),
        ("catalog", "0004_riders"),
    ]

    operations = [
        migrations.CreateModel(
            name="Combination",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=holdfast.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("seats_min", models.PositiveIntegerField()),
                ("seats_max", models.PositiveIntegerField()),
                ("position", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=holdfast.core.clock.now, editable=False)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="combinations",
                        to="businesses.business",
                    ),
                ),
            ],
            options={"ordering": ("position", "id")},
        ),
        migrations.CreateModel(
            name="CombinationTable",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="businesses.business",
                    ),
                ),
                (
                    "combination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="catalog.combination",
                    ),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="catalog.resource",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="combination",
            name="tables",
            field=models.ManyToManyField(
                related_name="combinations", through="catalog.CombinationTable", to="catalog.resource"
            ),
        ),
        migrations.CreateModel(
            name="Adjacency",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="businesses.business",
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalog.resource"
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalog.resource"
                    ),
                ),
            ],
            options={"verbose_name_plural": "adjacencies"},
        ),
        migrations.AddIndex(
            model_name="combination",
            index=models.Index(fields=["business", "position", "id"], name="combination_order"),
        ),
        migrations.AddConstraint(
            model_name="combination",
            constraint=models.CheckConstraint(
                condition=models.Q(("seats_min__gte", 1), ("seats_max__gte", models.F("seats_min"))),
                name="combination_seats",
            ),
        ),
        migrations.AddConstraint(
            model_name="combinationtable",
            constraint=models.UniqueConstraint(
                fields=("business", "combination", "resource"), name="combination_table_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="adjacency",
            constraint=models.UniqueConstraint(fields=("business", "first", "second"), name="adjacency_once"),
        ),
        migrations.AddConstraint(
            model_name="adjacency",
            constraint=models.CheckConstraint(
                condition=models.Q(("second__gt", models.F("first"))), name="adjacency_order"
            ),
        ),
    ]
