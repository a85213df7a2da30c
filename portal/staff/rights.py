"""What each role of the provider's staff may do, in Django's permissions.

Nobody may delete: facts end, and operations tell the audit trail.
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
                "individualagreement",
                "issuedletter",
                "suspension",
                "task",
            ),
            EDIT,
        ),
        ("contracts", NOTICES, EDIT),
        ("organisations", ("organisation", "membership"), EDIT),
        OUTBOX,
    ),
    StaffRole.TERMS: (
        PROPOSALS,
        ("contracts", ALL_MODELS, VIEW),
        ("contracts", ("service", "termsversion", "companyclosure", *NOTICES), EDIT),
        OUTBOX,
    ),
    StaffRole.BILLING: (
        PROPOSALS,
        ("contracts", ALL_MODELS, VIEW),
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
        ("audit", ("auditentry",), VIEW),
        ("retention", ALL_MODELS, EDIT),
        ("data_protection", ALL_MODELS, EDIT),
        OUTBOX,
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
