"""The staff's view of contracts. It only reads; action pages call the operations."""

from contracts.admin import (
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
