"""The staff's view of contracts. It only reads; action pages call the operations."""

from contracts.admin import (
    agreements,
    applications,
    closures,
    consents,
    contracts,
    deliveries,
    notices,
    papers,
    requests,
    services,
    stops,
    tasks,
    terms,
)

__all__ = [
    "agreements",
    "applications",
    "closures",
    "consents",
    "contracts",
    "deliveries",
    "notices",
    "papers",
    "requests",
    "services",
    "stops",
    "tasks",
    "terms",
]
