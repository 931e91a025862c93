from django.apps import AppConfig


class WaitlistConfig(AppConfig):
    name = "holdfast.waitlist"
    label = "waitlist"
    default_auto_field = "django.db.models.BigAutoField"
