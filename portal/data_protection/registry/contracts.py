"""Applications, contracts and what belongs to them."""

from django.db.models import Q

from contracts.models import ContractDocument, IssuedLetter
from portal.data_protection.registry.holdings import Apart, File, Holding, acting, by
from portal.organisations.models import Organisation


def _of_the_contract(of: Organisation) -> Q:
    return Q(contract__organisation=of)


def _itself(of: Organisation) -> Q:
    return Q(organisation=of)


def _documents(of: Organisation) -> Q:
    """As `ContractDocument.owner_id` has it, and as pages let them be seen."""
    of_application, of_request = acting("application")(of), Q(request__contract__organisation=of)
    return (
        (Q(application__isnull=False) & of_application) | of_request | Q(agreement__contract__organisation=of)
    )


def _received_of(of: Organisation) -> Q:
    of_application, of_request = acting("application")(of), Q(request__contract__organisation=of)
    return (Q(application__isnull=False) & of_application) | of_request


def _letter(letter: IssuedLetter) -> str:
    return letter.file_name


def _document(document: ContractDocument) -> str:
    return f"{document.pk}-{document.name}"


HOLDINGS = (
    Holding(
        model="contracts.applicationdraft",
        kind="drafts",
        of_person=by("person"),
        shown="service fields created_at updated_at",
        inner="organisation person key",
    ),
    Holding(
        model="contracts.draftdocument",
        kind="drafts",
        of_person=by("draft__person"),
        shown="name size uploaded_at",
        files=(File("file", "content_hash", _document),),
        inner="draft kind",
    ),
    Holding(
        model="contracts.application",
        kind="contract_records",
        of_person=by("applicant"),
        of_organisation=acting(),
        shown="number service terms_version agent organisation applicant status particulars wanted_start_on"
        " payment_method language submitted_at decided_at decided_for refusal_reason refusal_note"
        " data_statement",
        person_sees="number service status submitted_at",
        staff="decided_by",
        inner="submission_key",
    ),
    Holding(
        model="contracts.applicationitem",
        kind="contract_records",
        of_organisation=acting("application"),
        shown="application product quantity",
    ),
    Holding(
        model="contracts.applicationmessage",
        kind="contract_records",
        of_person=by("by"),
        of_organisation=acting("application"),
        shown="application kind text at",
        staff="by",
    ),
    Holding(
        model="contracts.identitycheck",
        kind="contract_records",
        of_organisation=acting("application"),
        shown="application reason demanded_at how document person seen_on",
        staff="demanded_by seen_by",
    ),
    Holding(
        model="contracts.contract",
        kind="contract_records",
        of_organisation=by("organisation"),
        shown="number service application contracted_version payment_method applied_at accepted_at"
        " registered_at wanted_start_on formed_on service_starts_on billed_from_on ends_on billed_through_on"
        " end_kind annulled_at",
        inner="organisation acceptance_sent_at activation_start_on formation",
    ),
    Holding(
        model="contracts.takeoverrow",
        kind="contract_records",
        of_organisation=_of_the_contract,
        shown="old_number contract lines brought_at annulled_at",
        inner="takeover provider place digest verdict problems remarks changes foreseen",
    ),
    Holding(
        model="contracts.customernote",
        kind="customer_notes",
        of_organisation=_itself,
        shown="provider text at",
        staff="author",
        inner="organisation",
    ),
    Holding(
        model="contracts.inquiry",
        kind="inquiries",
        of_person=by("asked_by"),
        of_organisation=_itself,
        shown="number provider contract about_kind about_number day subject status asked_by asked_at"
        " closed_at",
        person_sees="number subject status asked_at",
        staff="handled_by",
        inner="organisation waits_since language submission_key",
    ),
    Holding(
        model="contracts.inquirymessage",
        kind="inquiries",
        of_person=by("by"),
        of_organisation=by("inquiry__organisation"),
        shown="inquiry by_staff text at",
        staff="by",
    ),
    Holding(
        model="contracts.contractitem",
        kind="contract_records",
        of_organisation=_of_the_contract,
        shown="contract product quantity starts_on ends_on billed_from_on billed_through_on",
    ),
    Holding(
        model="contracts.contractagent",
        kind="contract_records",
        of_organisation=_of_the_contract,
        shown="contract agent starts_on",
    ),
    Holding(
        model="contracts.salesagent",
        kind="contract_records",
        of_organisation=_itself,
        shown="service key names role issuer",
        inner="organisation position",
    ),
    Holding(
        model="contracts.contractparticular",
        kind="ended_contacts",
        of_organisation=_of_the_contract,
        shown="contract key value starts_on",
        inner="request",
    ),
    Holding(
        model="contracts.contractparty",
        kind="contract_records",
        of_organisation=by("organisation", "contract__organisation"),
        shown="contract organisation starts_on named_by successors cause takes_debts",
        inner="representative request",
    ),
    Holding(
        model="contracts.authoriseduser",
        kind="ended_contacts",
        of_organisation=_of_the_contract,
        shown="contract name address contact purpose starts_on ends_on breach_on breach_note",
        inner="request",
    ),
    Holding(
        model="contracts.contractrequest",
        kind="contract_records",
        of_person=by("requested_by"),
        of_organisation=_of_the_contract,
        shown="number contract kind status requested_by submitted_at wanted_on product quantity payload"
        " decided_at decided_for refusal_reason refusal_note formed_at completed_at withdrawn_at"
        " all_or_nothing",
        person_sees="number kind status submitted_at",
        staff="decided_by",
        inner="terms_version submission_key content_hash sent_together user_ids_deleted decision replaced"
        " proof_wanted",
    ),
    Holding(
        model="contracts.receipt",
        kind="contract_records",
        of_organisation=_received_of,
        shown="application request channel received_at entered_at entered_for sender note exception"
        " original_received_on",
        staff="entered_by original_noted_by",
        inner="original_awaited",
    ),
    Holding(
        model="contracts.requestmessage",
        kind="contract_records",
        of_person=by("by"),
        of_organisation=by("request__contract__organisation"),
        shown="request kind text at",
        staff="by",
    ),
    Holding(
        model="contracts.individualagreement",
        kind="contract_records",
        of_organisation=_of_the_contract,
        shown="contract title effective_on ends_on rules made_at",
        staff="made_by",
        withheld="reason",
    ),
    Holding(
        model="contracts.posting",
        kind="contract_records",
        shown="",
        staff="made_by posted_by",
        inner="provider what month reprint_of made_at envelopes pages drawn_at trouble leased_until posted_on"
        " posted_at discarded_at pdf pdf_hash",
    ),
    Holding(
        model="contracts.postedmail",
        kind="contract_records",
        of_organisation=by("mail__organisation"),
        shown="posting mail",
        inner="envelope pages",
    ),
    Holding(
        model="contracts.contractdocument",
        kind="documents",
        of_person=by("uploaded_by"),
        of_organisation=_documents,
        shown="name application request agreement size uploaded_at",
        person_sees="name size uploaded_at",
        files=(File("file", "content_hash", _document),),
        staff="uploaded_by",
        inner="organisation kind content_type",
    ),
    Holding(
        model="contracts.issuedletter",
        kind="contract_records",
        of_organisation=by("organisation"),
        shown="number kind issued_at application contract request",
        files=(File("pdf", "pdf_hash", _letter),),
        inner="organisation document document_hash",
    ),
    Holding(
        model="contracts.consent",
        kind="contract_records",
        of_person=by("person"),
        of_organisation=by("organisation"),
        shown="sequence organisation person terms_version how at recorded_at ip_address content_hash",
        inner="application notice format salt personal_hash previous_hash hash erased",
    ),
    Holding(
        model="contracts.noticedelivery",
        kind="contract_records",
        of_person=by("person"),
        of_organisation=by("organisation"),
        shown="notice channel address sent_at accepted_at bounced_at bounce_note read_at arrived_at"
        " effective_at",
        inner="organisation person language",
    ),
    Holding(
        model="contracts.suspension",
        kind="contract_records",
        of_organisation=_of_the_contract,
        shown="contract kind product reason note starts_on ends_on lifted_at",
        inner="decision terms_version",
    ),
    Holding(
        model="contracts.task",
        kind="contract_records",
        of_organisation=_of_the_contract,
        shown="contract kind due_on created_at done_at",
        staff="done_by note",
        inner="detail decision terms_version",
    ),
    Holding(
        model="contracts.claim",
        kind="books",
        of_organisation=_of_the_contract,
        shown="contract kind net tax arose_on",
        staff="recorded_by",
        inner="terms_version decision request task",
        withheld="note",
    ),
    Holding(
        model="contracts.reminder",
        kind="contract_records",
        of_organisation=_of_the_contract,
        shown="contract due_on to sent_at",
        inner="key claimed_at",
    ),
    Holding(
        model="contracts.reviewcheck",
        kind="contract_records",
        shown="",
        withheld="application request kind result note",
        staff="by",
        inner="at",
    ),
)

APART = (
    Apart(model="contracts.agentrules", kind="technical", why="The text of a sales agent's rules"),
    Apart(
        model="contracts.acceptedoutcome",
        kind="technical",
        why="Worked examples of a draft of terms",
        staff="accepted_by",
    ),
    Apart(model="contracts.companyclosure", kind="technical", why="Closed days of a provider"),
    Apart(model="contracts.consentchain", kind="technical", why="The end of the chain of consents"),
    Apart(model="contracts.examplelife", kind="technical", why="Worked examples, of nobody"),
    Apart(model="contracts.livesrun", kind="technical", why="Playing worked examples", staff="asked_by"),
    Apart(
        model="contracts.notice",
        kind="contract_records",
        why="What was told to all customers of a service; who was told stands in the deliveries",
        staff="created_by sent_by",
    ),
    Apart(model="contracts.numbercounter", kind="technical", why="The last numbers given"),
    Apart(
        model="contracts.policyrevision",
        kind="technical",
        why="How terms are read",
        staff="proposed_by approved_by",
    ),
    Apart(model="contracts.provider", kind="technical", why="The provider itself"),
    Apart(model="contracts.providerparticulars", kind="technical", why="What the provider states of itself"),
    Apart(model="contracts.service", kind="technical", why="What is offered"),
    Apart(
        model="contracts.takeover",
        kind="contract_records",
        why="Files of running contracts; what they state of somebody stands in their rows",
        staff="brought_by confirmed_by",
    ),
    Apart(model="contracts.termsversion", kind="technical", why="The text of terms"),
)
