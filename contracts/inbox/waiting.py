"""What waits for the provider's staff: applications, requests, and contracts between acceptance and start."""

from collections.abc import Callable, Iterator

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate, now

from contracts.consents.renewals import open_refusals
from contracts.models import (
    Application,
    AuthorisedUser,
    Consent,
    Contract,
    ContractRequest,
    Inquiry,
    Notice,
    NoticeDelivery,
    PolicyRevision,
    Task,
    TermsVersion,
)
from contracts.models.request import CHANGE_ACCEPTED
from contracts.rules.life.formation import FormationRule
from portal.approvals.models import Proposal
from portal.outbox.kinds import kinds_about
from portal.outbox.models import Mail

WAITING_DAYS = 5
"""After how many days staff are told of an activation or registration that still waits."""

_PAPER_TO_FOLLOW = Q(receipt__original_awaited=True, receipt__original_received_on__isnull=True)

OF_CONTRACT = (
    "contract__service__provider",
    "contract__application__service__provider",
    "contract__application__organisation",
    "contract__application__applicant",
    "contract__organisation",
)
"""What an e-mail about a contract reads, from the row that it is about."""


def applications() -> QuerySet[Application]:
    return Application.objects.filter(status=Application.Status.SUBMITTED)


def requests() -> QuerySet[ContractRequest]:
    return ContractRequest.objects.filter(status=ContractRequest.Status.SUBMITTED)


def inquiries() -> QuerySet[Inquiry]:
    """Questions of customers that wait for an answer."""
    return Inquiry.objects.filter(status=Inquiry.Status.OPEN)


def undecided_requests() -> QuerySet[ContractRequest]:
    """Requests that wait for a decision, or for the customer's answer before it."""
    return ContractRequest.objects.filter(status__in=ContractRequest.OPEN)


def for_completion() -> QuerySet[ContractRequest]:
    """Accepted changes that can be used from the notice of their completion on, and have none yet."""
    waits = Q(pk__in=[])
    for version in _published():
        kinds = [kind for kind, rule in version.policy.changes.items() if rule.notice_completes]
        if kinds:
            waits |= Q(terms_version=version, kind__in=kinds)
    accepted = ContractRequest.objects.filter(
        status=ContractRequest.Status.ACCEPTED, completed_at__isnull=True
    )
    return accepted.filter(waits)


def for_change_mail() -> QuerySet[ContractRequest]:
    """Accepted changes that the e-mail of their acceptance forms, which the mail server has not taken."""
    unsent = Mail.objects.filter(kind=CHANGE_ACCEPTED, taken_at__isnull=True).values("about")
    accepted = ContractRequest.objects.filter(status=ContractRequest.Status.ACCEPTED)
    return accepted.filter(pk__in=unsent, formed_at__isnull=True)


def tasks() -> QuerySet[Task]:
    """What staff must do by a day, and have not done."""
    return Task.objects.undone()


def breaches() -> QuerySet[AuthorisedUser]:
    """Authorised users who may still use the service although a breach of theirs is not cured."""
    going_on = Q(ends_on__isnull=True) | Q(ends_on__gte=localdate())
    return AuthorisedUser.objects.filter(going_on, breach_on__isnull=False)


def for_acceptance_mail() -> QuerySet[Contract]:
    """Accepted, but the mail server has not taken the acceptance."""
    return _accepted().filter(acceptance_sent_at__isnull=True)


def for_registration() -> QuerySet[Contract]:
    """Accepted under terms that form contracts by registration, and not registered yet."""
    return _accepted().filter(
        registered_at__isnull=True,
        contracted_version__in=_versions(lambda rule: rule.formed_by == "registration"),
    )


def for_activation_notice() -> QuerySet[Contract]:
    """Formed and accepted under terms that start service by an activation notice, and none is issued yet."""
    return _accepted().filter(
        formed_on__isnull=False,
        activation_start_on__isnull=True,
        contracted_version__in=_versions(lambda rule: rule.service_start.rule == "activation_notice"),
    )


def readings_to_propose() -> QuerySet[TermsVersion]:
    """Versions that a catalog reads otherwise, where nobody has put that in force."""
    waiting = PolicyRevision.objects.filter(in_force_at__isnull=True, dismissed_at__isnull=True)
    return TermsVersion.objects.filter(pk__in=waiting.values("terms_version"))


def drafts_to_propose() -> QuerySet[TermsVersion]:
    """Drafts that a catalog brought, and that nobody has proposed to publish."""
    waiting = Proposal.objects.filter(
        state=Proposal.State.WAITS, about_type=TermsVersion._meta.label_lower
    ).values_list("about_id", flat=True)
    drafts = TermsVersion.objects.filter(published_at__isnull=True, brought_at__isnull=False)
    return drafts.exclude(pk__in=[int(key) for key in waiting])


def notices_to_send() -> QuerySet[Notice]:
    return Notice.objects.filter(sent_at__isnull=True)


def owed_notices() -> QuerySet[Notice]:
    """Notices on stops of a service that have begun, of which customers are still to be told."""
    stopped = Q(starts_at__lte=now())
    emergencies = Q(starts_at__isnull=True, purpose=Notice.Purpose.EMERGENCY_MAINTENANCE)
    begun = stopped | emergencies & Q(effective_on__lte=localdate())
    return notices_to_send().filter(begun, purpose__in=Notice.STOPS)


def letters_to_look_at() -> QuerySet[NoticeDelivery]:
    """Letters of sent notices that wait to be posted, or came back."""
    unsettled = Q(sent_at__isnull=True) | Q(bounced_at__isnull=False)
    return NoticeDelivery.objects.filter(unsettled, channel=NoticeDelivery.Channel.LETTER)


def mails_to_post() -> QuerySet[Mail]:
    """What goes out by post about contracts, as who gets it has no e-mail address."""
    return Mail.objects.to_post().filter(kind__in=kinds_about("contracts"))


def applications_without_paper() -> QuerySet[Application]:
    """Applications that came by e-mail, whose form itself is to follow."""
    return Application.objects.filter(_PAPER_TO_FOLLOW)


def requests_without_paper() -> QuerySet[ContractRequest]:
    """Requests of which the same is so."""
    return ContractRequest.objects.filter(_PAPER_TO_FOLLOW)


def mails_to_look_at() -> QuerySet[Mail]:
    """E-mails about contracts that were interrupted, refused or came back."""
    return Mail.objects.to_look_at().filter(kind__in=kinds_about("contracts"))


def refusals() -> QuerySet[Consent]:
    """Refusals of a new version by customers whose contracts go on."""
    return open_refusals(localdate())


def _accepted() -> QuerySet[Contract]:
    return Contract.objects.filter(accepted_at__isnull=False, ends_on__isnull=True)


def _versions(matches: Callable[[FormationRule], bool]) -> list[int]:
    return [version.pk for version in _published() if matches(version.policy.formation)]


def _published() -> Iterator[TermsVersion]:
    """The published versions, as they are read today."""
    today = localdate()
    for version in TermsVersion.objects.published().prefetch_related("revisions"):
        yield version.read_on(today)
