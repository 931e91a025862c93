from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import pre_save


class AccountsConfig(AppConfig):
    name = "holdfast.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from holdfast.accounts.adapter import keep_no_profile, note_sign_in

        pre_save.connect(
            keep_no_profile, sender="socialaccount.SocialAccount", dispatch_uid="holdfast_keep_no_profile"
        )
        user_logged_in.connect(note_sign_in, dispatch_uid="holdfast_note_sign_in")
