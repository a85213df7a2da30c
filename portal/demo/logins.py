"""Who can sign in to the demonstration. Passwords and keys are made up once per installation."""

import json
import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction

from contracts.models import Provider
from portal.organisations.models import User
from portal.organisations.roles import StaffRole
from portal.staffing.models import Belonging

TOTP_SECONDS = 30


@dataclass(frozen=True)
class Login:
    """A person who can sign in; `totp_key` is empty for customers, who need no second factor."""

    role: str
    name: str
    email: str
    password: str
    totp_key: str = ""

    @property
    def code(self) -> str:
        """The one-time code of this moment, or nothing."""
        if not self.totp_key:
            return ""
        return str(format_hotp_value(hotp_value(self.totp_key, int(time.time()) // TOTP_SECONDS)))


def _file() -> Path:
    return Path(settings.VAR_DIR) / "demo-logins.json"


def stored_logins() -> list[Login]:
    """The logins made earlier for the people who are still there; empty before the first time."""
    if not _file().exists():
        return []
    known = [Login(**entry) for entry in json.loads(_file().read_text(encoding="utf-8"))]
    there = set(User.objects.values_list("email", flat=True))
    return known if all(login.email in there for login in known) else []


def store_logins(logins: list[Login]) -> None:
    _file().touch(mode=0o600)
    _file().write_text(json.dumps([asdict(login) for login in logins], ensure_ascii=False), encoding="utf-8")


def create_customer(name: str, email: str) -> tuple[User, Login]:
    login = Login("customer", name, email, secrets.token_urlsafe(12))
    return _create_user(login), login


def create_staff(role: StaffRole) -> tuple[User, Login]:
    """Somebody of a role, who works for all providers."""
    name = f"{role.name.lower()}@provider.example"
    login = Login(role.value, role.value, name, secrets.token_urlsafe(12), generate_totp_secret())
    user = _create_user(login, is_staff=True)
    user.groups.add(Group.objects.get(name=role.value))
    for provider in Provider.objects.all():
        Belonging.objects.create(staff=user, provider=provider)
    TOTP.activate(user, login.totp_key)
    return user, login


@transaction.atomic
def _create_user(login: Login, *, is_staff: bool = False) -> User:
    user = User.objects.create_user(login.email, login.password, display_name=login.name, is_staff=is_staff)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user
