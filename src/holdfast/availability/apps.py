from django.apps import AppConfig


class AvailabilityConfig(AppConfig):
    name = "holdfast.availability"
    label = "availability"
    default_auto_field = "django.db.models.BigAutoField"
