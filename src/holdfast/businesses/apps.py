from django.apps import AppConfig


class BusinessesConfig(AppConfig):
    name = "holdfast.businesses"
    label = "businesses"
    default_auto_field = "django.db.models.BigAutoField"
