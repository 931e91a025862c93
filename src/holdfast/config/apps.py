from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "holdfast.config"
    label = "config"

    def ready(self) -> None:
        from holdfast.config.wiring import connect

        connect()
