from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    name = "holdfast.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from holdfast.accounts.adapter import note_sign_in

        user_logged_in.connect(note_sign_in, dispatch_uid="holdfast_note_sign_in")
