"""All that contracts say of their entries in the audit trail."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from contracts.history import incoming, lifecycle, offers
from contracts.models import IssuedLetter
from contracts.wording.formats import day_text
from portal.audit.books import Book, Chapter
from portal.audit.names import Named
from portal.audit.stories import Parts, ToldAt

_AT_CONTRACT = ("contracts.contract", "contract_id")
_AT_CUSTOMER = ("organisations.organisation", "organisation_id")


_SENT_BY: dict[str, str] = {
    IssuedLetter.Kind.ACTIVATION: "contract.activation_notice_issued",
    IssuedLetter.Kind.CURE_DEMAND: "contract.cure_demanded",
    IssuedLetter.Kind.TERMINATION: "contract.terminated",
}


@dataclass(frozen=True)
class SentBy:
    """The entries about what a letter tells of its contract."""

    def found(self, of: IssuedLetter) -> Q:
        told = Q(object_type="contracts.contract", object_id=str(of.contract_id))
        return told & Q(action=_SENT_BY.get(of.kind, ""))


def _from(stop: Any) -> str:
    return f"{stop.contract} {stop.get_kind_display()} {day_text(stop.starts_on)}"


def _delivery(delivery: Any) -> str:
    return f"{delivery.notice.subject} – {delivery.address or delivery.organisation}"


BOOK = Book(
    app="contracts",
    chapters=(
        Chapter("applications", _("Applications"), incoming.APPLICATIONS),
        Chapter("requests", _("Requests"), incoming.REQUESTS),
        Chapter("notes", _("Notes on customers"), incoming.NOTES),
        Chapter("inquiries", _("Inquiries"), incoming.INQUIRIES),
        Chapter("papers", _("Documents and letters"), incoming.PAPERS),
        Chapter("consents", _("Consents"), incoming.CONSENTS),
        Chapter("takeovers", _("Contracts of old systems"), lifecycle.TAKEOVERS),
        Chapter("beginning", _("Beginning and agreements"), lifecycle.BEGINNING),
        Chapter("stops", _("Suspensions and authorised users"), lifecycle.STOPS),
        Chapter("ends", _("Terminations"), lifecycle.ENDS),
        Chapter("tasks", _("Tasks, claims and reminders"), lifecycle.TASKS),
        Chapter("notices", _("Notices"), lifecycle.NOTICES),
        Chapter("terms", _("Terms"), offers.TERMS),
        Chapter("services", _("Services and providers"), offers.SERVICES),
    ),
    names={
        "contracts.applicationdraft": Named(lambda draft: draft.service, ("service", "person")),
        "contracts.companyclosure": Named(lambda closure: f"{day_text(closure.day)} {closure.note}".strip()),
        "contracts.consent": Named(lambda consent: f"{consent.sequence}"),
        "contracts.customernote": Named(lambda note: day_text(localdate(note.at))),
        "contracts.notice": Named(lambda notice: notice.subject),
        "contracts.noticedelivery": Named(_delivery, ("notice", "organisation")),
        "contracts.suspension": Named(_from, ("contract",)),
        "contracts.takeover": Named(lambda takeover: takeover.file_name),
        "contracts.task": Named(joined=("contract",)),
        "contracts.termsversion": Named(joined=("service",)),
    },
    strands={
        "contracts.application": (
            Parts("contracts.contractdocument", "application"),
            Parts("contracts.issuedletter", "application"),
        ),
        "contracts.authoriseduser": (ToldAt(*_AT_CONTRACT, "user"),),
        "contracts.claim": (
            ToldAt(
                *_AT_CONTRACT, "claim", actions=("claim.waived",), like=(("kind", "kind"), ("net", "net"))
            ),
            ToldAt(*_AT_CONTRACT, "task", "task_id"),
        ),
        "contracts.consent": (
            ToldAt(*_AT_CUSTOMER, "consent", "sequence"),
            ToldAt(*_AT_CUSTOMER, "consents", "sequence"),
        ),
        "contracts.contract": (
            Parts("contracts.application", "contract"),
            Parts("contracts.contractdocument", "application__contract"),
            Parts("contracts.contractdocument", "request__contract"),
            Parts("contracts.contractdocument", "agreement__contract"),
            Parts("contracts.issuedletter", "contract"),
            Parts("contracts.takeover", "rows__contract"),
        ),
        "contracts.contractrequest": (
            ToldAt(*_AT_CONTRACT, "number", "number"),
            ToldAt(*_AT_CONTRACT, "requests", "number"),
            Parts("contracts.contractdocument", "request"),
            Parts("contracts.issuedletter", "request"),
        ),
        "contracts.individualagreement": (
            ToldAt(
                *_AT_CONTRACT,
                "agreement",
                actions=("agreement.made", "agreement.ended"),
                like=(("title", "title"),),
            ),
            Parts("contracts.contractdocument", "agreement"),
        ),
        "contracts.issuedletter": (
            ToldAt(*_AT_CONTRACT, "number", "request.number"),
            Parts("contracts.application", "letters"),
            SentBy(),
        ),
        "contracts.notice": (Parts("contracts.noticedelivery", "notice"),),
        "contracts.noticedelivery": (Parts("contracts.notice", "deliveries"),),
        "contracts.provider": (
            Parts("contracts.companyclosure", "provider"),
            Parts("contracts.service", "provider"),
        ),
        "contracts.service": (
            Parts("contracts.termsversion", "service"),
            Parts("contracts.notice", "service"),
        ),
        "contracts.suspension": (
            ToldAt(
                *_AT_CONTRACT,
                "suspension",
                actions=("contract.suspended", "contract.paused"),
                like=(("kind", "kind"), ("starts_on", "starts_on")),
            ),
            # Interruptions come of requests, which are of the same kind.
            ToldAt(
                *_AT_CONTRACT,
                "suspension",
                actions=("request.submitted", "request.entered", "request.accepted"),
                like=(("kind", "kind"),),
            ),
        ),
        "contracts.task": (ToldAt(*_AT_CONTRACT, "task"),),
        "contracts.termsversion": (Parts("contracts.notice", "terms_version"),),
    },
    numbers={
        "contracts.application": "number",
        "contracts.contract": "number",
        "contracts.contractrequest": "number",
        "contracts.issuedletter": "number",
    },
)
