"""What an installation holds, told in facts that a later release must find again.

Read by labels of models, so that no module of the portal is named here. Where a later release keeps a fact
elsewhere, it is read from there: the manifests of the releases stay as they are.
"""

import hashlib
import json
from collections import defaultdict
from datetime import date
from typing import Any

from django.apps import apps
from django.db.models import FileField, Model, QuerySet

Facts = dict[str, Any]

OF_THE_CODE = {"auth.Permission", "contenttypes.ContentType", "sessions.Session"}
"""Tables that `migrate` fills from the code, or that no backup needs."""

CONTRACT_DATES = ("formed_on", "service_starts_on", "billed_from_on", "ends_on", "billed_through_on")
ITEM_DATES = ("starts_on", "ends_on", "billed_from_on", "billed_through_on")
INVOICE_FIELDS = (
    "kind",
    "month",
    "issued_on",
    "due_on",
    "net",
    "tax",
    "gross",
    "document_hash",
    "pdf_hash",
    "cancelled_on",
)

DECISIONS = (
    ("contracts.Contract", "formation"),
    ("contracts.ContractRequest", "decision"),
    ("contracts.Suspension", "decision"),
    ("contracts.Task", "decision"),
    ("contracts.Claim", "decision"),
    ("contracts.IssuedLetter", "document"),
    ("billing.Invoice", "document"),
    ("billing.Adjustment", "decision"),
    ("billing.RecordedOutage", "decision"),
    ("billing.Deposit", "decision"),
    ("billing.DepositLetter", "document"),
    ("billing.Reminder", "document"),
    ("billing.SetOff", "document"),
    ("billing.PriceListVersion", "notice"),
)  # fmt: skip


def read_facts(on: date) -> Facts:
    """All facts, with the state of each contract as it is on a day; only what JSON knows."""
    return {
        "rows": _rows(),
        "terms": _terms(),
        "contracts": _contracts(on),
        "requests": {one.number: [one.kind, one.status] for one in _all("contracts.ContractRequest")},
        "decisions": _decisions(),
        "invoices": _invoices(),
        "paid": _paid(),
        "credit": _credit(),
        "chains": {label: _chain(label) for label in ("audit.AuditChain", "contracts.ConsentChain")},
        "files": _files(),
    }


def digest(stored: Any) -> str:
    """The SHA-256, in hexadecimal, of something that JSON can say."""
    return hashlib.sha256(json.dumps(stored, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _all(label: str) -> QuerySet[Any]:
    return apps.get_model(label)._base_manager.order_by("pk")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _values(row: Model, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in names}


def _name_of(row: Any) -> str:
    """By what people know a row: its number, or its primary key where it has none."""
    return str(getattr(row, "number", row.pk))


def _rows() -> dict[str, int]:
    labels = (model._meta.label for model in apps.get_models())
    rows = {label: _all(label).count() for label in sorted(labels) if label not in OF_THE_CODE}
    return {**rows, "billing.Payment": _came_in(_all("billing.Payment")).count()}


def _terms() -> dict[str, list[Any]]:
    versions = _all("contracts.TermsVersion").select_related("service")
    return {
        f"{one.service.slug} {one.name}": [_plain(one.effective_on), one.content_hash, bool(one.published_at)]
        for one in versions
    }


def _contracts(on: date) -> dict[str, Any]:
    return {
        one.number: {
            "service": one.service.slug,
            "customer": one.organisation.name,
            "state": str(one.state_on(on).value),
            "end_kind": one.end_kind,
            **_values(one, CONTRACT_DATES),
            "items": [
                [item.product, item.quantity, *_values(item, ITEM_DATES).values()]
                for item in one.items.order_by("pk")
            ],
        }
        for one in _all("contracts.Contract")
    }


def _decisions() -> dict[str, dict[str, str]]:
    return {
        f"{label}.{field}": {_name_of(one): digest(getattr(one, field)) for one in _all(label)}
        for label, field in DECISIONS
    }


def _invoices() -> dict[str, Any]:
    return {
        one.number: {
            "contract": one.contract.number,
            "customer": one.organisation.name,
            **_values(one, INVOICE_FIELDS),
        }
        for one in _all("billing.Invoice")
    }


def _paid() -> dict[str, int]:
    paid: defaultdict[str, int] = defaultdict(int)
    for payment in _standing(_all("billing.Payment")).select_related("invoice"):
        paid[payment.invoice.number] += payment.amount
    return {number: amount for number, amount in paid.items() if amount}


def _standing(payments: Any) -> Any:
    """Rows whose sum is what is paid: until 0.1.0 what was taken back was marked, since then it is a row."""
    return payments.filter(withdrawn_at=None) if _marked(payments) else payments


def _came_in(payments: Any) -> Any:
    """Payments, without the rows that take them back."""
    return payments if _marked(payments) else payments.filter(amount__gt=0)


def _marked(payments: Any) -> bool:
    return any(field.name == "withdrawn_at" for field in payments.model._meta.fields)


def _credit() -> dict[str, int]:
    return {
        f"{one.provider.code} {one.organisation.name}": one.amount for one in _all("billing.CreditBalance")
    }


def _chain(label: str) -> list[Any]:
    chain = _all(label).get()
    return [chain.length, chain.last_hash]


def _files() -> dict[str, str]:
    """Each stored file that a row names, with the SHA-256 of what is in it."""
    files: dict[str, str] = {}
    for model in apps.get_models():
        for field in (field for field in model._meta.fields if isinstance(field, FileField)):
            for row in _all(model._meta.label):
                stored = getattr(row, field.name)
                if stored:
                    with stored.open("rb") as content:
                        files[stored.name] = hashlib.sha256(content.read()).hexdigest()
    return files
