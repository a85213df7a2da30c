"""People, their accounts, and the e-mails to them."""

from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Model, Q
from django.utils.translation import gettext_lazy as _

from portal.audit.books import named, tell
from portal.audit.models import AuditEntry
from portal.audit.names import Names
from portal.data_protection.registry.holdings import Apart, Holding, by
from portal.organisations.models import Organisation, User


def _mails(of: User | Organisation) -> Q:
    """E-mails to a person's addresses, or about an organisation."""
    if isinstance(of, Organisation):
        return Q(organisation=of)
    addresses = {of.email, *EmailAddress.objects.filter(user=of).values_list("email", flat=True)}
    return Q(address__in=addresses)


def _told_of_person(of: User) -> Q:
    return Q(actor=of) | Q(object_type="organisations.user", object_id=str(of.pk))


def _told_of_organisation(of: Organisation) -> Q:
    """But for the checks of it, which the provider may keep to itself."""
    return Q(organisation=of) & ~Q(action__startswith="check.")


def _sentence(entry: AuditEntry, of: Model) -> str:
    (told,) = tell([entry], Names(named))
    return told.sentence_text


def _about_oneself(entry: AuditEntry, of: Model) -> dict[str, Any]:
    """What an entry about a person's own account tells of them."""
    is_own = (entry.object_type, entry.object_id) == (of._meta.label_lower, str(of.pk))
    return entry.personal or {} if is_own else {}


HOLDINGS = (
    Holding(
        model="organisations.user",
        kind="accounts",
        of_person=lambda of: Q(pk=of.pk),
        shown="email display_name language closed_at is_active is_staff is_superuser groups date_joined"
        " last_login confirmed_at manager_until",
        staff="created_by confirmed_by earlier_makers",
        inner="session_generation known_as_manager user_permissions",
        hidden="password",
    ),
    Holding(
        model="imprint.agreedtext",
        kind="accounts",
        of_person=by("person"),
        shown="text at",
        inner="person",
    ),
    Holding(
        model="organisations.organisation",
        kind="contract_records",
        of_organisation=lambda of: Q(pk=of.pk),
        shown="name kana corporate_number number_confirmed_at postal_code address phone invoice_email"
        " created_at",
        inner="members united_into",
    ),
    Holding(
        model="organisations.comingdetails",
        kind="contract_records",
        of_person=by("reported_by"),
        of_organisation=by("organisation"),
        shown="starts_on details reported_by reported_at",
        person_sees="starts_on reported_at",
        inner="organisation",
    ),
    Holding(
        model="organisations.joinrequest",
        kind="accounts",
        of_person=by("person"),
        of_organisation=by("organisation"),
        shown="person message asked_at answered_by answered_at let_in",
        person_sees="message asked_at answered_at let_in",
        inner="organisation",
    ),
    Holding(
        model="organisations.notificationpreference",
        kind="accounts",
        of_person=by("person"),
        of_organisation=by("organisation"),
        shown="person topic",
        inner="organisation",
    ),
    Holding(
        model="organisations.invitation",
        kind="accounts",
        of_organisation=by("organisation"),
        shown="email role handles_contracts handles_billing handles_sales is_limited contracts invited_by"
        " invited_at expires_at withdrawn_at accepted_at",
        inner="organisation times_sent",
        hidden="token_hash",
    ),
    Holding(
        model="organisations.membership",
        kind="accounts",
        of_person=by("user"),
        of_organisation=by("organisation"),
        shown="user organisation role handles_contracts handles_billing handles_sales is_limited contracts"
        " created_at",
        hidden="calendar_key",
    ),
    Holding(
        model="organisations.signin",
        kind="sign_ins",
        of_person=by("user"),
        shown="at outcome means ip user_agent last_used_at ended_at",
        inner="user",
        hidden="session_hash",
    ),
    Holding(
        model="staffing.belonging",
        kind="accounts",
        of_person=by("staff"),
        shown="provider",
        inner="staff",
    ),
    Holding(
        model="staffing.customerview",
        kind="contract_records",
        of_person=by("staff"),
        of_organisation=by("organisation"),
        shown="started_at until ended_at",
        inner="organisation",
        staff="staff",
        withheld="reason",
    ),
    Holding(
        model="account.emailaddress",
        kind="accounts",
        of_person=by("user"),
        shown="email verified primary",
        inner="user",
    ),
    Holding(
        model="mfa.authenticator",
        title=_("Second factor"),
        kind="accounts",
        of_person=by("user"),
        shown="type created_at last_used_at",
        inner="user",
        hidden="data",
    ),
    Holding(
        model="outbox.mail",
        kind="mails",
        of_person=_mails,
        of_organisation=_mails,
        shown="address subject text sender_name created_at taken_at refused_at bounced_at bounce_note",
        inner="kind about number key again_of organisation language sender_address reply_to message_id"
        " attachments data secret_erased_at due_at tries trouble failing_since claimed_at claimed_by"
        " interrupted_at doubted_at closed_at expires_at",
        hidden="secret",
    ),
    Holding(
        model="audit.auditentry",
        kind="trail",
        of_person=_told_of_person,
        of_organisation=_told_of_organisation,
        shown="sequence at action",
        person_sees="sequence at action personal",
        told={"action": _sentence, "personal": _about_oneself},
        withheld="data personal",
        staff="actor",
        inner="object_type object_id organisation format salt personal_hash previous_hash hash erased",
    ),
    Holding(
        model="admin.logentry",
        title=_("What staff changed in the administration"),
        kind="trail",
        of_person=by("user"),
        shown="action_time object_repr action_flag",
        inner="user content_type object_id change_message",
    ),
    Holding(
        model="approvals.proposal",
        kind="contract_records",
        of_person=by("proposed_by", "decided_by"),
        of_organisation=by("organisation"),
        shown="about lines proposed_at state decided_at",
        person_sees="about proposed_at state decided_at",
        staff="proposed_by decided_by comment",
        inner="kind provider about_type about_id organisation wanted digest without_second outcome follows",
    ),
    Holding(
        model="data_protection.datacopy",
        kind="data_copies",
        of_person=by("person", "asked_by"),
        of_organisation=by("organisation"),
        shown="asked_at made_at expires_at removed_at",
        staff="asked_by reason",
        inner="person organisation done of file content_hash size trouble worker leased_until",
    ),
    Holding(
        model="data_protection.erasure",
        kind="contract_records",
        of_person=by("person"),
        of_organisation=by("organisation"),
        shown="asked_on begun_at finished_at report",
        staff="proposal begun_by reason",
        inner="provider person organisation answer_to done of pdf pdf_hash trouble worker leased_until",
    ),
    Holding(
        model="search.searchentry",
        kind="contract_records",
        shown="",
        inner="kind thing text organisation",
    ),
)

APART = (
    Apart(
        model="imprint.publishedtext",
        kind="technical",
        why="What the operator states to everybody",
        staff="published_by",
    ),
    Apart(model="auth.group", kind="technical", why="The roles of the provider's staff"),
    Apart(model="auth.permission", kind="technical", why="What there is a right to"),
    Apart(model="contenttypes.contenttype", kind="technical", why="The list of tables"),
    Apart(
        model="sessions.session",
        kind="sign_ins",
        why="A key and signed content that names nobody by itself; it goes when the session ends",
    ),
    Apart(
        model="account.emailconfirmation",
        kind="sign_ins",
        why="Links of earlier versions of the sign-in; codes have taken their place and nothing is stored",
    ),
    Apart(model="audit.auditchain", kind="technical", why="The end of the trail: a number and a hash"),
    Apart(
        model="approvals.providerrule",
        kind="technical",
        why="Where one person decides for a provider",
        staff="switched_by",
    ),
    Apart(
        model="retention.retentionperiod",
        kind="technical",
        why="How long a provider keeps data",
        staff="set_by",
    ),
    Apart(
        model="data_protection.erasureitem",
        kind="trail",
        why="That a row was erased, by its key alone: so that it is not looked for again",
    ),
    Apart(
        model="tables_in.tableimport",
        kind="tables_in",
        why="What staff brought in, as it came; the file and its rows go after 30 days",
        staff="brought_by",
    ),
    Apart(model="installation.installation", kind="technical", why="Who the installation is"),
    Apart(model="installation.damagedfile", kind="technical", why="Stored files that are missing or altered"),
    Apart(model="installation.signoflife", kind="technical", why="Which parts of the installation live"),
)
