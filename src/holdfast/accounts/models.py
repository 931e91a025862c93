"""People who sign in, and tokens for programs. What they are to a business is the business's matter (``Member``)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from holdfast.core.fields import EncryptedJSONField
from holdfast.core.ids import uuid7
from holdfast.lib.actors import Role


class AccountManager(BaseUserManager["Account"]):
    """Finds and makes accounts by their address, in lower case."""

    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(email=(username or "").lower())

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Account:
        account = self.model(email=email, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Account:
        return self.create_user(email, password, is_operator=True, **fields)


class Account(AbstractBaseUser):
    """A person with a sign-in. ``is_operator``: runs this installation, may enter the operator's admin."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("email address"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    is_operator = models.BooleanField(_("operator"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)
    """Made by the demo, with a password that strangers may know: cannot sign in to a production installation."""
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = AccountManager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **options: Any) -> None:
        self.email = self.email.strip().lower()
        super().save(*args, **options)

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email

    @property
    def is_staff(self) -> bool:
        """Django's word for who may enter the admin."""
        return self.is_operator

    @property
    def is_superuser(self) -> bool:
        return self.is_operator

    def has_perm(self, perm: str, obj: Any = None) -> bool:  # noqa: ARG002
        return self.is_active and self.is_operator

    def has_perms(self, perm_list: Any, obj: Any = None) -> bool:  # noqa: ARG002
        return self.is_active and self.is_operator

    def has_module_perms(self, app_label: str) -> bool:  # noqa: ARG002
        return self.is_active and self.is_operator


class ApiToken(models.Model):
    """A program's key to one business (or, for an operator, to all): only a digest is stored."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="tokens")
    business_id = models.UUIDField(null=True)
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])
    scopes = models.JSONField(default=list)
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=16)
    is_demo = models.BooleanField(default=False)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["business_id", "created_at"], name="apitoken_business")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"


class AccountMail(models.Model):
    """A mail about an account that the mail server has not taken yet; it is deleted once it has.

    ``content`` holds ``to``, ``subject``, ``text`` and ``html``; its links let whoever reads them in, so it is sealed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    content = EncryptedJSONField()
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="accountmail_due")]

    def __str__(self) -> str:
        return str(self.id)
