"""Sentences on what happens to contracts: beginning, stops, ends, agreements, tasks, claims."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from contracts.history.values import DAY, GROUND, MOMENT, PRODUCT, STOP_REASON, YEN
from contracts.models import Suspension, Task
from contracts.rules.life.termination import Termination
from contracts.rules.stored import read
from contracts.wording.formats import day_text
from contracts.wording.particulars import label_of
from portal.audit.telling import Choice, Fact, Given, Known, Read, Sentence, says

TASK = Known("contracts.task")
AUTHORISED_USER = Known("contracts.authoriseduser")

_NOTE = Fact(_("Note"), "note")
_STOP = (
    Fact(_("Stopped"), "product", PRODUCT),
    Fact(_("Reason"), "reason", STOP_REASON),
    _NOTE,
    Fact(_("First day"), "starts_on", DAY),
    Fact(_("Last day"), "ends_on", DAY),
)


def _end(stored: Mapping[str, Any]) -> str:
    decided = read(stored, Termination)
    return day_text(decided.ends_on) if decided and decided.ends_on else "—"


_DECIDED = Fact(_("Contract ends on"), "decision", Read(_end))

_COUNT = Read(lambda count: f"{count:,}")
_TAKEOVER = Fact(_("File"), "takeover", Known("contracts.takeover"))

TAKEOVERS: dict[str, Sentence] = {
    "contract.taken_over": says(
        _("The contract was brought in from an old system, where it had the number %(old_number)s."),
        _TAKEOVER,
    ),
    "takeover.staged": says(
        _("The file %(file)s with %(contracts)s running contracts was brought."),
        Fact(_("Hash"), "file_hash"),
        contracts=_COUNT,
    ),
    "takeover.checked": says(
        _("The file was checked: new %(new)s, known %(known)s, changed %(changed)s, refused %(refused)s."),
        new=_COUNT,
        known=_COUNT,
        changed=_COUNT,
        refused=_COUNT,
    ),
    "takeover.discarded": says(_("The file was let be.")),
    "takeover.confirmed": says(
        _("The bringing in of %(contracts)s running contracts was confirmed."), contracts=_COUNT
    ),
    "takeover.brought_in": says(
        _("%(contracts)s running contracts were brought in; %(refused)s were refused and left out."),
        contracts=_COUNT,
        refused=_COUNT,
    ),
    "takeover.annulled": says(
        _("The %(contracts)s contracts that the file brought in were annulled."),
        Fact(_("Reason"), "reason"),
        contracts=_COUNT,
    ),
    "takeover.erased": says(
        _("What the file stated of %(contracts)s contracts was erased: its time was over."), contracts=_COUNT
    ),
}


def _contacts(values: Mapping[str, Any]) -> Iterator[Fact]:
    """What each contact is now, and was."""
    for key, said in (values.get("particulars") or {}).items():
        yield Given(label_of(key), key, given=(said["before"], said["after"]))


BEGINNING: dict[str, Sentence] = {
    "contract.acceptance_sent": says(_("The acceptance was sent to the customer.")),
    "contract.registered": says(_("The registration was completed.")),
    "contract.activation_notice_issued": says(
        _("The activation notice was issued: service starts on %(start_on)s."), start_on=DAY
    ),
    "contract.representative_named": says(
        _("The representative of the successors was named (no. %(representative)s, from %(on)s on)."),
        representative=Read(lambda place: place + 1),
        on=DAY,
    ),
    "contract.contacts_entered": Sentence(_("Contacts were entered by staff."), more=_contacts),
    "contract.agent_changed": says(
        _("From %(starts_on)s on the sales agent is %(agent)s."),
        starts_on=DAY,
    ),
    "agreement.made": says(
        _("The individual agreement “%(title)s” was made."),
        Fact(_("Effective date"), "effective_on", DAY),
        Fact(_("Last day"), "ends_on", DAY),
        Fact(_("Individual agreement"), "agreement", Known("contracts.individualagreement")),
    ),
    "agreement.ended": says(
        _("The individual agreement “%(title)s” was given an end."), Fact(_("Last day"), "ends_on", DAY)
    ),
}
STOPS: dict[str, Sentence] = {
    "contract.suspended": says(
        _("The service was suspended."),
        Fact(_("Kind"), "kind", Choice(dict(Suspension.Kind.choices))),
        *_STOP,
    ),
    "contract.paused": says(_("The service was paused."), *_STOP),
    "contract.suspension_lifted": says(
        _("The stop of the service was given an earlier end."),
        Fact(_("Last day"), "ends_on", DAY, before="before"),
        Fact(_("Stop"), "suspension", Known("contracts.suspension")),
    ),
    "authorised_user.breach": says(
        _("A breach by the authorised user %(user)s was recorded."),
        Fact(_("Day of the breach"), "breach_on", DAY),
        _NOTE,
        user=AUTHORISED_USER,
    ),
    "authorised_user.breach_cured": says(
        _("The breach by the authorised user %(user)s was cured."),
        Fact(_("Day of the breach"), "breach_on", DAY),
        user=AUTHORISED_USER,
    ),
    "authorised_user.stopped": says(
        _("The use by the authorised user %(user)s was ended."),
        Fact(_("Last day"), "ends_on", DAY),
        user=AUTHORISED_USER,
    ),
}
ENDS: dict[str, Sentence] = {
    "contract.cure_demanded": says(
        _("The customer was asked to put a breach right by %(cure_by)s."),
        Fact(_("Ground"), "ground", GROUND),
        Fact(_("Counted from"), "since_on", DAY),
        Fact(_("Demanded elsewhere"), "evidence"),
        _NOTE,
        cure_by=DAY,
    ),
    "contract.renewal_declined": says(
        _("The customer was told that the contract is not renewed."), _DECIDED, _NOTE
    ),
    "contract.terminated": says(
        _("The contract was terminated by the provider."),
        Fact(_("Ground"), "ground", GROUND),
        Fact(_("Counted from"), "since_on", DAY),
        _DECIDED,
        Fact(_("Open debts fall due on"), "debts_due_on", DAY),
        Fact(_("Why it was urgent"), "urgent"),
        _NOTE,
    ),
}
TASKS: dict[str, Sentence] = {
    # Of deadlines, and, in billing, of unpaid invoices.
    "reminder.sent": says(_("A reminder was sent."), Fact(_("Deadline"), "due_on", DAY), Fact(_("To"), "to")),
    "task.done": says(_("The task “%(kind)s” was done."), _NOTE, kind=Choice(dict(Task.Kind.choices))),
    "claim.recorded": says(
        _("An amount was entered: %(net)s without tax."), _NOTE, Fact(_("Task"), "task", TASK), net=YEN
    ),
    "device.replaced": says(
        _("A device was replaced: %(product)s."),
        Fact(_("Replacement received on"), "received_on", DAY),
        Fact(_("To be returned by"), "return_by", DAY),
        product=PRODUCT,
    ),
    "device.dispatched": says(
        _("A device was sent: %(product)s × %(quantity)s."),
        Fact(_("Sent on"), "dispatched_on", DAY),
        product=PRODUCT,
    ),
    "device.charged": says(
        _("The penalty for a device that was not returned was charged: %(net)s without tax."), net=YEN
    ),
}
NOTICES: dict[str, Sentence] = {
    "notice.drafted": says(_("The notice “%(subject)s” was drafted.")),
    "notice.rewritten": says(_("The draft of the notice was rewritten."), Fact(_("Subject"), "subject")),
    "notice.sent": says(
        _("The notice “%(subject)s” was sent to %(organisations)s customers."),
        Fact(_("Sent late because"), "override_reason"),
    ),
    "notice.read": says(_("The customer read the notice.")),
    "notice.bounced": says(
        _("The e-mail of the notice to %(address)s came back."), Fact(_("Answer of the server"), "why")
    ),
    "notice.sent_again": says(_("The notice was sent again to %(address)s.")),
    "notice.letters_posted": says(_("%(letters)s letters of the notice were posted.")),
    "notice.letter_arrived": says(_("The letter of the notice arrived."), Fact(_("At"), "at", MOMENT)),
}
