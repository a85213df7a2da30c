"""The staff's view of contracts. It only reads; action pages call the operations."""

from contracts.admin import (
    applications,
    closures,
    consents,
    contracts,
    deliveries,
    notices,
    requests,
    services,
    terms,
)

__all__ = [
    "applications",
    "closures",
    "consents",
    "contracts",
    "deliveries",
    "notices",
    "requests",
    "services",
    "terms",
]
