"""What somebody proposed that takes a second person, and where a provider lets one person decide."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.frozen import NeverChanges, NeverDeleted


class Proposal(models.Model):
    """Something that moves money or binds many, as it was proposed, and what became of it.

    `wanted` is read by its `kind` (`portal.approvals.kinds`). `about_type` and `about_id` name the object
    that it is about. `lines` are what changes, each with its label, before and after, in Japanese, as they
    were proposed and, once decided, as they were approved; `digest` binds them. `without_second` is why
    nobody but who proposed it decided; `outcome` what carrying it out gave. `follows` is the one that was
    sent back, and proposed again.
    """

    class State(models.TextChoices):
        WAITS = "waits", _("Waits for approval")
        SENT_BACK = "sent_back", _("Sent back")
        APPROVED = "approved", _("Approved")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        OVERTAKEN = "overtaken", _("Overtaken")

    class Without(models.TextChoices):
        UNBOUND = "unbound", _("Binds no customer yet")
        SMALL = "small", _("Within the amount that one person decides on")
        ALONE = "alone", _("The provider lets one person decide")
        SOLE = "sole", _("There is no other manager")
        BREAK_GLASS = "break_glass", _("Carried out on the server in an emergency, without a second person")

    kind = models.CharField(_("Kind"), max_length=40)
    provider = models.CharField(_("Provider's code"), max_length=8)
    about_type = models.CharField(_("Kind of object"), max_length=100)
    about_id = models.CharField(_("Object"), max_length=100)
    about = models.CharField(_("About"), max_length=300)
    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("organisation"),
    )
    wanted = models.JSONField(_("What is wanted"), encoder=DjangoJSONEncoder)
    lines = models.JSONField(_("Before and after"))
    digest = models.CharField(_("Hash"), max_length=64)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Proposed by")
    )
    proposed_at = models.DateTimeField(_("Proposed at"))
    state = models.CharField(_("Status"), max_length=10, choices=State.choices, default=State.WAITS)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Decided by"),
    )
    decided_at = models.DateTimeField(_("Decided at"), null=True, blank=True)
    comment = models.TextField(_("Comment"), blank=True)
    without_second = models.CharField(
        _("Without a second person"), max_length=12, choices=Without.choices, blank=True
    )
    outcome = models.TextField(_("What came of it"), blank=True)
    follows = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="followed_by",
        verbose_name=_("Proposed again after"),
    )

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["-proposed_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "proposed_at"], name="proposal_queue"),
            models.Index(fields=["about_type", "about_id"], name="proposal_about"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="approved")
                | (
                    Q(decided_by__isnull=False, decided_at__isnull=False)
                    & (~Q(decided_by=F("proposed_by")) | ~Q(without_second=""))
                ),
                name="proposal_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="approved") | Q(without_second=""), name="proposal_exception_approved"
            ),
            models.CheckConstraint(
                condition=~(Q(state="sent_back") | Q(without_second="break_glass")) | ~Q(comment=""),
                name="proposal_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state="waits", decided_at__isnull=True)
                | (~Q(state="waits") & Q(decided_at__isnull=False)),
                name="proposal_decided_or_waits",
            ),
            NeverChanges(
                name="proposal_stays_as_decided",
                says="a decided proposal never changes",
                when="OLD.state <> 'waits' AND NOT (OLD.state = 'approved' AND OLD.outcome = '')",
            ),
            NeverDeleted(name="proposal_is_never_deleted", says="a proposal is never deleted"),
        ]

    def __str__(self) -> str:
        return self.about

    @property
    def is_being_carried_out(self) -> bool:
        """Whether it is approved, and nothing has come of it yet."""
        return self.state == self.State.APPROVED and not self.outcome

    @property
    def waits(self) -> bool:
        return self.state == self.State.WAITS


class ProviderRule(models.Model):
    """Where a provider lets one person decide: everywhere (`alone`), or up to amounts in yen by kind.

    `provider` is its code. Without a row a second person is always needed.
    """

    provider = models.CharField(_("Provider's code"), max_length=8, unique=True)
    alone = models.BooleanField(_("One person decides"), default=False)
    amounts = models.JSONField(_("Amounts up to which one person decides"), default=dict, blank=True)
    reason = models.TextField(_("Reason"))
    switched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Changed by")
    )
    switched_at = models.DateTimeField(_("Changed at"))

    class Meta:
        verbose_name = _("rule on second persons")
        verbose_name_plural = _("rules on second persons")
        ordering = ["provider"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="provider_rule_has_reason"),
        ]

    def __str__(self) -> str:
        return self.provider
