from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class WebConfig(AppConfig):
    name = "holdfast.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Our sign-in pages come before the packages' of the same name, wherever the apps stand in the list.
        ours = Path(__file__).resolve().parent / "templates"
        for engine in settings.TEMPLATES:
            if ours not in engine["DIRS"]:
                engine["DIRS"] = [ours, *engine["DIRS"]]
