"""Requests of a customer on a running contract."""

import hashlib
import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contracts.models.document import PAPER
from contracts.rules.calendar.period import japan_date
from contracts.rules.life.cancellation import Cancellation
from contracts.rules.life.change import Change, ChangeRule
from contracts.rules.life.end_with_minimum_term import EndWithMinimumTerm
from contracts.rules.stored import read, to_stored

if TYPE_CHECKING:
    from contracts.models.terms import TermsVersion

RequestDecision = Cancellation | Change
CANCELLATION, NON_RENEWAL, RESCISSION = "cancellation", "non_renewal", "rescission"
"""The kinds that end the contract, for the constraint that of these one alone can be open or accepted."""

CHANGE_ACCEPTED = "change_accepted"
"""The kind of e-mail that forms a change by being sent."""

_DECISIONS: tuple[type[RequestDecision], ...] = (EndWithMinimumTerm, Cancellation, Change)


class ContractRequest(models.Model):
    """What a customer asked for, with the decision of the rules on it.

    `decision` is what the rules said when it was submitted, or when it was accepted for another day. Where
    the terms let its receipt count, it took effect then, and `replaced` holds what a withdrawal puts back.
    Where the acceptance's e-mail forms the change, it takes effect at `formed_at`, when the mail server took
    that. `requested_by` is nobody for what staff entered, of which its `receipt` tells. `content_hash` tells
    the same wish, sent again by somebody else, from a new one. `decided_for` is the sales agent for which
    it was decided; none where the provider's staff did. `sent_together` is one for all that was sent as one
    change of the contract; with `all_or_nothing` they are accepted together or not at all.
    """

    class Status(models.TextChoices):
        SUBMITTED = "submitted", _("Received")
        ASKED_BACK = "asked_back", _("Question to you")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    OPEN = (Status.SUBMITTED, Status.ASKED_BACK)
    COLUMNS = frozenset({"wanted_on", "product", "quantity", "user_ids_deleted"})
    """What a request keeps of what is asked for in columns of its own, and not in its payload."""

    number = models.CharField(_("Reception number"), max_length=20, unique=True)
    contract = models.ForeignKey(
        "Contract", models.PROTECT, related_name="requests", verbose_name=_("contract")
    )
    terms_version = models.ForeignKey(
        "TermsVersion", models.PROTECT, related_name="+", verbose_name=_("terms version")
    )
    kind = models.CharField(_("Kind"), max_length=20)
    status = models.CharField(_("Status"), max_length=10, choices=Status.choices, default=Status.SUBMITTED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    submitted_at = models.DateTimeField(_("Submitted at"))
    submission_key = models.UUIDField(unique=True, null=True, editable=False)
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    sent_together = models.UUIDField(null=True, db_index=True, editable=False)
    all_or_nothing = models.BooleanField(_("Together or not at all"), default=False)
    wanted_on = models.DateField(_("Wanted date"), null=True, blank=True)
    product = models.SlugField(_("Product"), blank=True)
    quantity = models.PositiveIntegerField(_("Quantity"), default=0)
    user_ids_deleted = models.BooleanField(_("User IDs deleted"), default=False)
    payload = models.JSONField(_("Further details"), default=dict)
    decision = models.JSONField(_("Decision"), default=dict)
    replaced = models.JSONField(_("What it replaced"), null=True, blank=True)
    proof_wanted = models.BooleanField(_("Document needed"), default=False)
    decided_at = models.DateTimeField(_("Decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_for = models.ForeignKey(
        "SalesAgent",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided for the sales agent"),
    )
    refusal_reason = models.CharField(_("Reason for refusal"), max_length=60, blank=True)
    refusal_note = models.TextField(_("Note to the applicant"), blank=True)
    formed_at = models.DateTimeField(_("Change formed at"), null=True, blank=True)
    completed_at = models.DateTimeField(_("Completed at"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("Withdrawn at"), null=True, blank=True)

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        ordering = ["-submitted_at", "-pk"]
        permissions = [("override_contractrequest", "Can accept a request although its deadline has passed")]
        indexes = [models.Index(fields=["status", "submitted_at"], name="request_queue")]
        constraints = [
            models.UniqueConstraint(
                fields=["contract"],
                condition=Q(
                    kind__in=[CANCELLATION, NON_RENEWAL, RESCISSION],
                    status__in=["submitted", "asked_back", "accepted"],
                ),
                name="request_one_ending",
            ),
            models.UniqueConstraint(
                fields=["contract", "content_hash"],
                condition=Q(status__in=["submitted", "asked_back"]) & ~Q(content_hash=""),
                name="request_same_wish_once",
            ),
            models.CheckConstraint(
                condition=Q(status="refused") | Q(refusal_reason=""),
                name="request_reason_only_when_refused",
            ),
            models.CheckConstraint(
                condition=Q(all_or_nothing=False) | Q(sent_together__isnull=False),
                name="request_all_of_several",
            ),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True) | Q(status="accepted"),
                name="request_completed_when_accepted",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def governing_version(self) -> "TermsVersion":
        """Its version, by the reading of its decision, with what was agreed on the day of submission.

        What is not decided yet is asked of the reading of that day.
        """
        on = japan_date(self.submitted_at)
        version, decided = self.terms_version, self.decided
        return self.contract.layered(version.read_by(decided) if decided else version.read_on(on), on)

    @property
    def rule(self) -> ChangeRule:
        """The rule on its kind; what the terms don't rule as a change asks for nothing."""
        return self.governing_version.policy.change_rule(self.kind) or ChangeRule(article=())

    @property
    def decided(self) -> RequestDecision | None:
        """What the rules said; None while that is not stored."""
        return read(self.decision, *_DECISIONS)

    @decided.setter
    def decided(self, decision: RequestDecision) -> None:
        self.decision = to_stored(decision)

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return self.status in self.OPEN

    @property
    def sent_by(self) -> str:
        """Who asked, as people read it: the person in the portal, or whom the paper names."""
        found = getattr(self, "receipt", None)
        return found.sender if found else str(self.requested_by or "")

    @property
    def counts_by_itself(self) -> bool:
        """Whether it took effect with its receipt, whoever decides on it."""
        return self.replaced is not None

    @property
    def waits_for_documents(self) -> bool:
        """Whether it can't be accepted before a document proves it."""
        proofs = self.documents.exclude(kind=PAPER)
        return self.is_open and self.proof_wanted and not proofs.exists()

    @property
    def waits_for_completion(self) -> bool:
        """Whether it is accepted, and takes effect only with the notice of completion (設定完了通知)."""
        accepted = self.status == self.Status.ACCEPTED and self.completed_at is None
        return accepted and self.rule.notice_completes

    @property
    def is_planned(self) -> bool:
        """Whether its dates stand for those of a notice of completion that is still to come."""
        return self.completed_at is None and self.rule.notice_completes

    @property
    def waits_for_formation(self) -> bool:
        """Whether it is accepted, and takes effect only once the e-mail is sent that forms the change."""
        accepted = self.status == self.Status.ACCEPTED and self.formed_at is None
        return accepted and self.rule.formed_by == "acceptance_sent"

    @property
    def waits_to_begin(self) -> bool:
        """Whether it is accepted, and takes effect only with its completion, or its formation."""
        return self.waits_for_completion or self.waits_for_formation

    def wish_hash(self) -> str:
        """The SHA-256, in hexadecimal, of what is asked for, whoever asks."""
        wish: dict[str, Any] = {name: getattr(self, name) for name in sorted(self.COLUMNS)}
        stated = json.dumps([self.kind, wish, self.payload], sort_keys=True, default=str)
        return hashlib.sha256(stated.encode()).hexdigest()


class RequestMessage(models.Model):
    """A question of staff on a request, or the customer's answer."""

    class Kind(models.TextChoices):
        QUESTION = "question", _("Question")
        ANSWER = "answer", _("Answer")

    request = models.ForeignKey(
        ContractRequest, models.PROTECT, related_name="messages", verbose_name=_("request")
    )
    kind = models.CharField(_("Kind"), max_length=8, choices=Kind.choices)
    text = models.TextField(_("Text"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("By"))
    at = models.DateTimeField(_("At"))

    class Meta:
        verbose_name = _("message on a request")
        verbose_name_plural = _("messages on requests")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.request} {self.get_kind_display()}"
