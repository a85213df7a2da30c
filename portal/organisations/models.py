"""Who uses the portal: people, and the organisations that they act for."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from portal.organisations.accounts.models import SignIn as SignIn  # tables stand here for Django
from portal.organisations.company.models import ComingDetails, JoinRequest, NotificationPreference
from portal.organisations.corporate_number import validate_corporate_number
from portal.organisations.members.invitation import Invitation
from portal.organisations.members.rights import Entitled, Role
from portal.staffing.reach import reaches

__all__ = [
    "ComingDetails",
    "Invitation",
    "JoinRequest",
    "Membership",
    "NotificationPreference",
    "Organisation",
    "User",
]

POSTAL_CODE = r"^[0-9]{3}-[0-9]{4}$"


class UserManager(BaseUserManager["User"]):
    """People are known by their e-mail address, whatever its case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Store a person; without a password they can only come in by resetting it."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractUser):
    """A person who signs in with an e-mail address; the provider's staff and customers' people alike.

    Sessions belong to the `session_generation` in which they began, and end with it. `created_by` is who let
    them in as staff; another manager then confirms that they are somebody else (`independence.py`). Nobody
    for who was there before that was kept, and for who was made on the server. `earlier_makers` let them in
    before, and nobody confirmed that. `manager_until` is when the account was last changed while it was that
    of a manager, so that it tells who was one. `language` is the one they chose; empty where the browser
    decides. `closed_at` is when they closed the account themselves: it stays closed.
    """

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("E-mail address"), max_length=254, unique=True)
    display_name = models.CharField(_("Your name"), max_length=100, blank=True)
    language = models.CharField(_("Language"), max_length=2, choices=settings.LANGUAGES, blank=True)
    session_generation = models.PositiveIntegerField(_("Generation of sessions"), default=0, editable=False)
    created_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("Let in by"),
    )
    confirmed_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("Confirmed by"),
    )
    confirmed_at = models.DateTimeField(_("Confirmed at"), null=True, blank=True, editable=False)
    earlier_makers = models.ManyToManyField(
        "self",
        blank=True,
        editable=False,
        symmetrical=False,
        related_name="+",
        verbose_name=_("Let in before by"),
    )
    manager_until = models.DateTimeField(_("A manager until"), null=True, blank=True, editable=False)
    known_as_manager = models.BooleanField(default=False, editable=False)
    closed_at = models.DateTimeField(_("Closed by the person at"), null=True, blank=True, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()  # type: ignore[assignment,misc]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique_whatever_case",
                violation_error_message=_("This e-mail address is already in use."),
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | models.Q(confirmed_by__isnull=False, confirmed_at__isnull=False)
                & ~models.Q(confirmed_by=models.F("created_by")),
                name="user_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at=None) | models.Q(is_active=False, is_staff=False),
                name="user_closed_is_not_active",
            ),
            models.CheckConstraint(
                condition=models.Q(language__in=["", *(code for code, _name in settings.LANGUAGES)]),
                name="user_language_known",
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name()

    def clean(self) -> None:
        super().clean()
        self.email = self.email.lower()
        if self.closed_at and (self.is_active or self.is_staff):
            message = _("The person closed this account. They can register again, or you add a new person.")
            raise ValidationError(ValidationError(message, "closed"))
        becomes_staff = self.is_staff and not User.objects.filter(pk=self.pk, is_staff=True).exists()
        if becomes_staff and self.pk and self.memberships.exists():
            message = _(
                "This person is a member of %(organisations)s and can't become staff. Make another account,"
                " with an e-mail address of its own, for the work as staff."
            )
            names = ", ".join(str(one.organisation) for one in self.memberships.all())
            raise ValidationError({"is_staff": ValidationError(message, "member", {"organisations": names})})

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """Rights are for the provider's staff alone, whatever groups somebody was given before or besides.

        Those to an object are for the staff of the provider that it belongs to.
        """
        return self.is_staff and super().has_perm(perm) and (obj is None or reaches(self, obj))

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff and super().has_module_perms(app_label)

    @property
    def is_confirmed(self) -> bool:
        """Whether somebody else than who let them in has said that this is a person of their own."""
        return self.created_by_id is None or self.confirmed_at is not None

    def get_full_name(self) -> str:
        return self.display_name or self.email

    def get_short_name(self) -> str:
        return self.get_full_name()

    def end_sessions(self) -> None:
        """Sign the person out everywhere; Django's `update_session_auth_hash` keeps the session at hand."""
        User.objects.filter(pk=self.pk).update(session_generation=models.F("session_generation") + 1)
        self.refresh_from_db(fields=["session_generation"])

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session is checked against at each request: the password, and the generation."""
        return salted_hmac(
            "portal.organisations.models.User.session",
            f"{self.session_generation}:{self.password}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()


class Organisation(models.Model):
    """A customer: the party to contracts, and the recipient of invoices.

    `corporate_number` is what it states; it counts as its own since `number_confirmed_at`, and until then
    others may state the same. Without an `invoice_email` it is written to by post. One that turned out to be
    another is `united_into` that one: nobody acts for it any more, and what was issued to it stays as it was
    issued.
    """

    name = models.CharField(_("Organisation's name"), max_length=200)
    kana = models.CharField(_("Name in kana"), max_length=200, blank=True)
    corporate_number = models.CharField(
        _("Corporate number"),
        max_length=13,
        blank=True,
        validators=[validate_corporate_number],
        help_text=_("13 digits, if the organisation has one."),
    )
    postal_code = models.CharField(
        _("Postal code"),
        max_length=8,
        validators=[RegexValidator(POSTAL_CODE, _("A postal code has seven digits, as in 100-0001."))],
    )
    address = models.CharField(_("Address"), max_length=300)
    phone = models.CharField(_("Phone"), max_length=20)
    invoice_email = models.EmailField(_("E-mail address for invoices"), blank=True)
    members = models.ManyToManyField(User, through="Membership", related_name="organisations")
    created_at = models.DateTimeField(_("Created at"), auto_now_add=True)
    number_confirmed_at = models.DateTimeField(
        _("Corporate number confirmed at"), null=True, blank=True, editable=False
    )
    united_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="united",
        verbose_name=_("United into"),
    )

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="organisation_has_name"),
            models.CheckConstraint(
                condition=models.Q(corporate_number="") | models.Q(corporate_number__regex=r"^[0-9]{13}$"),
                name="organisation_corporate_number_13_digits",
            ),
            models.CheckConstraint(
                condition=models.Q(postal_code__regex=POSTAL_CODE), name="organisation_postal_code_form"
            ),
            models.UniqueConstraint(
                fields=["corporate_number"],
                condition=models.Q(number_confirmed_at__isnull=False),
                name="organisation_confirmed_number_once",
                violation_error_message=_(
                    "This corporate number is confirmed for another organisation. Unite the two instead."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(number_confirmed_at__isnull=True) | ~models.Q(corporate_number=""),
                name="organisation_confirmed_number_is_there",
            ),
            models.CheckConstraint(
                condition=models.Q(united_into__isnull=True)
                | ~models.Q(united_into=models.F("pk")) & models.Q(number_confirmed_at__isnull=True),
                name="organisation_united_into_another",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def as_one(self) -> "models.QuerySet[Organisation]":
        """It, and all that were united into it: whose past is its own."""
        return Organisation.objects.filter(models.Q(pk=self.pk) | models.Q(united_into=self.pk))

    @property
    def standing_id(self) -> int:
        """The primary key of the one that it is today: its own, or of that into which it was united."""
        return self.united_into_id or self.pk


class MembershipQuerySet(models.QuerySet["Membership"]):
    def acting(self) -> Self:
        """Those that let somebody act for an organisation: staff act for the provider alone."""
        return self.filter(user__is_staff=False)

    def owners(self) -> Self:
        """Those of owners who can sign in, the first at the front."""
        return self.acting().filter(role=Role.OWNER, user__is_active=True).order_by("pk")


class Membership(Entitled):
    """A person who may act for an organisation; never one of the provider's staff.

    `calendar_key` is part of the secret address of their calendar; empty while there is none.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("person"))
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="memberships", verbose_name=_("organisation")
    )
    calendar_key = models.CharField(
        _("Key of the calendar's address"), max_length=43, blank=True, editable=False
    )
    created_at = models.DateTimeField(_("Created at"), auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta(Entitled.Meta):
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation"], name="membership_once"),
            *Entitled.Meta.constraints,
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.organisation}"

    def acts_for(self, organisation: int) -> bool:
        """Whether an organisation, by primary key, is the member's own, or was united into that."""
        united = Organisation.objects.filter(pk=organisation, united_into=self.organisation_id)
        return organisation == self.organisation_id or united.exists()

    def clean(self) -> None:
        super().clean()
        # Forms within that of an organisation leave the constraint on both out.
        same = Membership.objects.filter(user=self.user_id, organisation=self.organisation_id)
        if same.exclude(pk=self.pk).exists():
            raise ValidationError({"user": ValidationError(_("This person is a member already."), "twice")})
        is_new = not Membership.objects.filter(pk=self.pk, user=self.user_id).exists()
        if is_new and User.objects.filter(pk=self.user_id, is_staff=True).exists():
            message = _(
                "This person is staff, and staff act for no customer. Name somebody of the organisation, or"
                " another account of the person."
            )
            raise ValidationError({"user": ValidationError(message, "staff")})
