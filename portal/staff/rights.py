"""What each role of the provider's staff may do, in Django's permissions.

Of contracts, terms and billing staff see what their work needs (個人情報保護法23条). Nobody may delete: facts
end, and operations tell the audit trail.
"""

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet

from portal.organisations.roles import StaffRole

VIEW = ("view",)
EDIT = ("view", "add", "change")
ALL_MODELS = None
NOTICES = ("notice", "noticedelivery")

Right = tuple[str, tuple[str, ...] | None, tuple[str, ...]]
PROPOSALS: Right = ("approvals", ("proposal",), VIEW)

TERMS = (
    "agentrules",
    "companyclosure",
    "policyrevision",
    "provider",
    "providerparticulars",
    "salesagent",
    "service",
    "termsversion",
)
OF_TERMS_STAFF = (*TERMS, *NOTICES, "acceptedoutcome", "examplelife", "livesrun")
OF_BILLING_STAFF = (
    *TERMS,
    "notice",
    "claim",
    "contract",
    "contractagent",
    "contractitem",
    "individualagreement",
    "postedmail",
    "posting",
    "suspension",
    "task",
)

SEES_AS_CUSTOMERS: Right = ("staffing", ("customerview",), ("start",))

OUTBOX: Right = ("outbox", ALL_MODELS, ("view", "change"))
"""Of its e-mails each role sees and settles those about what it may see and change."""

RIGHTS: dict[StaffRole, tuple[Right, ...]] = {
    StaffRole.RECEPTION: (
        PROPOSALS,
        ("contracts", ALL_MODELS, VIEW),
        (
            "contracts",
            (
                "application",
                "authoriseduser",
                "companyclosure",
                "contract",
                "contractdocument",
                "contractitem",
                "contractrequest",
                "customernote",
                "inquiry",
                "individualagreement",
                "issuedletter",
                "posting",
                "suspension",
                "task",
            ),
            EDIT,
        ),
        ("contracts", NOTICES, EDIT),
        ("organisations", ("organisation", "membership"), EDIT),
        SEES_AS_CUSTOMERS,
        OUTBOX,
    ),
    StaffRole.TERMS: (
        PROPOSALS,
        ("contracts", OF_TERMS_STAFF, VIEW),
        ("contracts", ("service", "salesagent", "termsversion", "companyclosure", *NOTICES), EDIT),
        OUTBOX,
    ),
    StaffRole.BILLING: (
        PROPOSALS,
        ("contracts", OF_BILLING_STAFF, VIEW),
        ("contracts", ("customernote", "inquiry", "posting"), EDIT),
        ("contracts", ("inquirymessage",), VIEW),
        ("billing", ALL_MODELS, EDIT),
        ("organisations", ("organisation", "membership"), VIEW),
        OUTBOX,
    ),
    StaffRole.MANAGER: (
        PROPOSALS,
        ("contracts", ALL_MODELS, EDIT),
        ("contracts", ("notice", "contractrequest"), ("override",)),
        ("billing", ALL_MODELS, EDIT),
        ("billing", ("pricelistversion",), ("override_notice",)),
        ("organisations", ALL_MODELS, EDIT),
        ("approvals", ("providerrule",), EDIT),
        ("staffing", ALL_MODELS, VIEW),
        SEES_AS_CUSTOMERS,
        ("audit", ("auditentry",), VIEW),
        ("retention", ALL_MODELS, EDIT),
        ("data_protection", ALL_MODELS, EDIT),
        ("imprint", ("publishedtext",), ("view", "add")),
        OUTBOX,
    ),
    StaffRole.AUDITOR: (
        PROPOSALS,
        ("approvals", ("providerrule",), VIEW),
        ("contracts", ALL_MODELS, VIEW),
        ("billing", ALL_MODELS, VIEW),
        ("organisations", ALL_MODELS, VIEW),
        ("audit", ("auditentry",), VIEW),
        ("auth", ("group",), VIEW),
        ("staffing", ALL_MODELS, VIEW),
        ("retention", ALL_MODELS, VIEW),
        ("data_protection", ALL_MODELS, VIEW),
        ("imprint", ("publishedtext",), VIEW),
        ("outbox", ALL_MODELS, VIEW),
    ),
    StaffRole.PEOPLE: (
        PROPOSALS,
        ("organisations", ("user",), EDIT),
        ("staffing", ("belonging",), EDIT),
        ("auth", ("group",), VIEW),
        ("outbox", ALL_MODELS, VIEW),
    ),
}


def grant_rights(sender: AppConfig, **kwargs: object) -> None:
    """Give each role's group its rights in an app that was just migrated; what was added by hand stays."""
    for role, rights in RIGHTS.items():
        group, _created = Group.objects.get_or_create(name=role.value)
        for app, models, actions in rights:
            if app == sender.label:
                group.permissions.add(*_permissions(app, models, actions))


def _permissions(app: str, models: tuple[str, ...] | None, actions: tuple[str, ...]) -> QuerySet[Permission]:
    named = [
        f"{action}_{content.model}"
        for content in ContentType.objects.filter(app_label=app)
        for action in actions
        if models is ALL_MODELS or content.model in models
    ]
    return Permission.objects.filter(content_type__app_label=app, codename__in=named)
