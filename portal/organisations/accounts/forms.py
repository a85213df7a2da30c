"""Forms of accounts: what people say of themselves, passwords, and the end of an account."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.fields import PasswordField
from allauth.account.forms import ChangePasswordForm, ResetPasswordKeyForm, SignupForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.organisations.fields import validate_printable
from portal.organisations.models import User
from portal.organisations.operations import close_calendars


class EvenSignupForm(SignupForm):
    """An address that has an account already takes as long as one that is new: its password is hashed too."""

    def try_save(self, request: HttpRequest) -> Any:
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class PasswordChangeForm(ChangePasswordForm):
    """A new password; who has calendars under secret addresses is asked whether these end with the old."""

    end_calendars = forms.BooleanField(
        label=_("End the secret addresses of my calendars too"),
        required=False,
        initial=True,
        help_text=_(
            "Whoever knows such an address reads the dates without the password. Calendar programs then need"
            " a new address, which you get on the page of the calendar."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_calendars(self.user):
            del self.fields["end_calendars"]

    @transaction.atomic
    def save(self) -> None:
        super().save()
        if self.cleaned_data.get("end_calendars"):
            close_calendars(self.user)


class NewPasswordForm(ResetPasswordKeyForm):
    """A password set by the link from an e-mail: somebody else may have known the account, calendars end."""

    @property
    def ends_calendars(self) -> bool:
        return has_calendars(self.user)

    @transaction.atomic
    def save(self) -> None:
        super().save()
        close_calendars(self.user)


class ProfileForm(forms.Form):
    """How a person is called, and the language that is spoken to them."""

    display_name = forms.CharField(
        label=_("Your name"),
        max_length=100,
        validators=[validate_printable],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("Applications and documents that were made before keep the name that they state."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=(("ja", "日本語"), ("en", "English")),
        widget=forms.RadioSelect,
        help_text=_("Pages speak it after you have signed in, and so do e-mails about your account."),
    )

    def __init__(self, person: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if person.is_staff:
            del self.fields["display_name"]


class ClosingForm(forms.Form):
    """The password, before an account is closed for good."""

    password = PasswordField(label=_("Password"), autocomplete="current-password")

    def __init__(self, person: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._person = person

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not get_adapter().reauthenticate(self._person, password):
            raise ValidationError(gettext("This is not your password."), "incorrect_password")
        return password


def has_calendars(person: User) -> bool:
    """Whether calendar programs read dates under secret addresses of somebody."""
    return person.memberships.exclude(calendar_key="").exists()
