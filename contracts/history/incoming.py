"""Sentences on what customers send: applications, requests, documents, consents."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from contracts.extensions.kinds import kind_label
from contracts.history.values import (
    CONTRACT,
    COUNT_IF_ANY,
    DAY,
    DOCUMENT_KIND,
    MOMENT,
    PRODUCT,
    REFUSAL_REASON,
    SERVICE,
    YEN_IF_ANY,
)
from contracts.models import ContractRequest, IdentityCheck, IssuedLetter, Posting, Receipt, ReviewCheck
from contracts.models.fields import PaymentMethod
from contracts.rules.calendar.period import Month
from contracts.wording.formats import month_text
from contracts.wording.particulars import label_of
from portal.audit.telling import Choice, Each, Fact, Given, Known, Many, Read, Sentence, says

REQUEST = Known("contracts.contractrequest", "number")
INQUIRY = Known("contracts.inquiry", "number")
REQUEST_KIND = Read(kind_label)
CONSENT = Known("contracts.consent", "sequence")

_NOTE = Fact(_("Note"), "note")
_VERSION = Fact(_("Terms version"), "version")
_FOR_AGENT = Fact(_("For the sales agent"), "for_agent")
_OVERRIDDEN = Fact(_("Accepted late because"), "override_reason")


_CHANNEL = Choice(dict(Receipt.Channel.choices))
_RECEIPT = (
    Fact(_("Sent by"), "sender"),
    Fact(_("Note"), "receipt_note"),
    Fact(_("Why this way was taken"), "exception"),
    Fact(_("Scanned paper (SHA-256)"), "paper"),
    _FOR_AGENT,
)


def _details(values: Mapping[str, Any]) -> Iterator[Fact]:
    """What else a request says, as far as it is plain text with a name."""
    for key, said in (values.get("details") or {}).items():
        if isinstance(said, str) and said and label_of(key) != key:
            yield Given(label_of(key), key, given=(said,))


APPLICATIONS: dict[str, Sentence] = {
    "application_draft.saved": says(
        _("A draft of an application for %(service)s was saved."), service=SERVICE
    ),
    "application_draft.discarded": says(
        _("The draft of an application for %(service)s was discarded."), service=SERVICE
    ),
    "application_draft.document_added": says(
        _("A document was added to the draft of an application: %(kind)s."), kind=DOCUMENT_KIND
    ),
    "application_draft.document_removed": says(_("A document was removed from the draft of an application.")),
    "application_drafts.removed": says(
        _(
            "%(count)s drafts of applications that nobody had touched for %(untouched_for_days)s days"
            " were removed."
        )
    ),
    "application.submitted": says(
        _("Application %(number)s was sent."),
        _VERSION,
        Fact(_("Products"), "quantities", Each(PRODUCT, Read(lambda count: f"× {count}"))),
        Fact(_("Wanted start"), "wanted_start_on", DAY),
        Fact(_("Payment method"), "payment_method", Choice(dict(PaymentMethod.choices))),
        number=Known("contracts.application", "number"),
    ),
    "application.entered": says(
        _("Application %(number)s was entered, received by %(channel)s at %(received_at)s."),
        _VERSION,
        Fact(_("Products"), "quantities", Each(PRODUCT, Read(lambda count: f"× {count}"))),
        Fact(_("Wanted start"), "wanted_start_on", DAY),
        Fact(_("Payment method"), "payment_method", Choice(dict(PaymentMethod.choices))),
        *_RECEIPT,
        number=Known("contracts.application", "number"),
        channel=_CHANNEL,
        received_at=MOMENT,
    ),
    "application.accepted": says(
        _("The application was accepted; contract %(contract)s came of it."),
        Fact(_("Past due, as was known"), "overdue", YEN_IF_ANY),
        Fact(_("Contracts that could be terminated"), "could_end", Read(", ".join)),
        _FOR_AGENT,
        contract=CONTRACT,
    ),
    "application.refused": says(
        _("The application was refused."), Fact(_("Reason"), "reason", REFUSAL_REASON), _NOTE, _FOR_AGENT
    ),
    "application.withdrawn": says(_("The application was withdrawn.")),
    "application.asked_back": says(
        _("The applicant was asked about application %(number)s."),
        Fact(_("Question"), "question"),
        _FOR_AGENT,
    ),
    "application.answered": says(
        _("The applicant answered about application %(number)s."), Fact(_("Answer"), "answer")
    ),
    "identity.demanded": says(
        _("A proof of identity was demanded for application %(number)s."), Fact(_("Reason"), "reason")
    ),
    "identity.seen": says(
        _("The proof of identity for application %(number)s was seen: %(document)s."),
        Fact(_("How"), "how", Choice(dict(IdentityCheck.How.choices))),
        Fact(_("Seen on"), "seen_on", DAY),
        Fact(_("Person identified"), "person"),
        document=Choice(dict(IdentityCheck.Document.choices)),
    ),
    "identity.copy_erased": says(_("A copy of an identity document for application %(number)s was erased.")),
    "check.recorded": says(
        _("The check of %(number)s was recorded: %(check)s."),
        Fact(_("Result"), "result", Choice(dict(ReviewCheck.Result.choices))),
        _NOTE,
        check=Choice(lambda: dict(ReviewCheck.Kind.choices)),
    ),
}
REQUESTS: dict[str, Sentence] = {
    "request.submitted": Sentence(
        _("Request %(number)s was sent: %(kind)s."),
        (
            Fact(_("Wanted on"), "wanted_on", DAY),
            Fact(_("Product"), "product", PRODUCT),
            Fact(_("Quantity"), "quantity", COUNT_IF_ANY),
            Fact(_("Outcome"), "outcome", Choice({"accepted": _("Possible"), "refused": _("Refused")})),
        ),
        {"number": REQUEST, "kind": REQUEST_KIND},
        _details,
    ),
    "request.entered": Sentence(
        _("Request %(number)s was entered, received by %(channel)s at %(received_at)s: %(kind)s."),
        (
            Fact(_("Wanted on"), "wanted_on", DAY),
            Fact(_("Product"), "product", PRODUCT),
            Fact(_("Quantity"), "quantity", COUNT_IF_ANY),
            Fact(_("Outcome"), "outcome", Choice({"accepted": _("Possible"), "refused": _("Refused")})),
            *_RECEIPT,
        ),
        {"number": REQUEST, "kind": REQUEST_KIND, "channel": _CHANNEL, "received_at": MOMENT},
        _details,
    ),
    "receipt.original_received": says(
        _("The paper of %(number)s itself came on %(on)s."),
        number=Known("contracts.contractrequest", "number"),
        on=DAY,
    ),
    "request.accepted": says(
        _("Request %(number)s was accepted: %(kind)s."),
        _OVERRIDDEN,
        _FOR_AGENT,
        number=REQUEST,
        kind=REQUEST_KIND,
    ),
    "request.formed": says(
        _("Request %(number)s formed a change contract: its acceptance was sent."),
        Fact(_("Change formed at"), "formed_at", MOMENT),
        number=REQUEST,
    ),
    "request.completed": says(
        _("Request %(number)s was carried out: %(kind)s."), number=REQUEST, kind=REQUEST_KIND
    ),
    "request.refused": says(
        _("Request %(number)s was refused."),
        Fact(_("Reason"), "reason", REFUSAL_REASON),
        _NOTE,
        _FOR_AGENT,
        number=REQUEST,
    ),
    "request.asked_back": says(
        _("The customer was asked about request %(number)s."),
        Fact(_("Question"), "question"),
        _FOR_AGENT,
        number=REQUEST,
    ),
    "request.answered": says(
        _("The customer answered about request %(number)s."), Fact(_("Answer"), "answer"), number=REQUEST
    ),
    "organisation.reported": says(
        _("It was reported for all contracts at once: %(kind)s."),
        Fact(_("Starts on"), "starts_on", DAY),
        Fact(_("Requests"), "requests", Many(REQUEST)),
        kind=REQUEST_KIND,
    ),
    "request.sent_together": says(
        _("A change of the contents was sent."),
        Fact(_("Requests"), "requests", Many(REQUEST)),
        Fact(
            _("How"), "how", Choice({"together": _("Together or not at all"), "each": _("Each for itself")})
        ),
    ),
    "request.fell": says(
        _("Request %(number)s fell with %(because)s, which it was to be accepted together with."),
        Fact(_("The other one"), "was", Choice(dict(ContractRequest.Status.choices))),
        number=REQUEST,
        because=REQUEST,
    ),
    "request.withdrawn": says(
        _("Request %(number)s was withdrawn."),
        Fact(_("Before"), "was", Choice(dict(ContractRequest.Status.choices))),
        number=REQUEST,
    ),
}
NOTES: dict[str, Sentence] = {
    "customer_note.added": says(_("A note was written on the customer."), Fact(_("Note"), "text")),
    "customer_note.erased": says(_("A note on the customer was erased.")),
}
INQUIRIES: dict[str, Sentence] = {
    "inquiry.asked": says(
        _("Inquiry %(number)s was sent."),
        Fact(_("What it is about"), "about_number"),
        Fact(_("Subject"), "subject"),
        Fact(_("Text"), "text"),
        number=INQUIRY,
    ),
    "inquiry.written": says(
        _("The customer wrote further on inquiry %(number)s."), Fact(_("Text"), "text"), number=INQUIRY
    ),
    "inquiry.answered": says(
        _("Inquiry %(number)s was answered."), Fact(_("Answer"), "text"), number=INQUIRY
    ),
    "inquiry.taken": says(_("Somebody took it on to answer inquiry %(number)s."), number=INQUIRY),
    "inquiry.closed": says(_("Inquiry %(number)s was closed."), number=INQUIRY),
    "inquiry.erased": says(_("Inquiry %(number)s was erased; its time was over."), number=INQUIRY),
}
PAPERS: dict[str, Sentence] = {
    "document.erased": says(_("A document that was handed in was erased; its time was over.")),
    "document.attached": says(_("Document “%(name)s” was attached to %(to)s.")),
    "letter.sent_again": says(
        _("Letter %(number)s was sent again: %(kind)s."), kind=Choice(dict(IssuedLetter.Kind.choices))
    ),
    "posting.made": says(
        _("A print file for envelopes was made: %(what)s."),
        Fact(_("Month"), "month", Read(lambda month: month_text(Month.parse(month)) if month else "")),
        Fact(_("Number of documents"), "count"),
        what=Choice(dict(Posting.What.choices)),
    ),
    "posting.printed_again": says(_("The print file %(of)s was printed again.")),
    "posting.posted": says(
        _("The envelopes were posted on %(on)s."),
        Fact(_("Envelopes"), "envelopes"),
        Fact(_("Pages"), "pages"),
        Fact(_("Number of documents"), "documents"),
        on=DAY,
    ),
    "posting.discarded": says(_("The print file was discarded; what was in it waits again.")),
}
CONSENTS: dict[str, Sentence] = {
    "consent.application": says(
        _("Consent %(consent)s was given with the application."), _VERSION, consent=CONSENT
    ),
    "consent.renewed": says(_("The customer agreed to %(version)s (consent %(consent)s)."), consent=CONSENT),
    "consent.refused": says(
        _("The customer did not agree to %(version)s (record %(consent)s)."), consent=CONSENT
    ),
    "consent.deemed": says(
        _("The customer counts as having agreed to %(versions)s."),
        Fact(_("Consents"), "consents", Many(CONSENT)),
        versions=Many(),
    ),
}
