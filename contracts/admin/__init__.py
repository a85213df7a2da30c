"""The staff's view of contracts. It only reads; action pages call the operations."""

from contracts.admin import approvals
from contracts.admin.customers import inquiries, notes
from contracts.admin.decisions import applications, requests
from contracts.admin.lifecycle import agreements, contracts, papers, stops, tasks
from contracts.admin.notices import deliveries, notices
from contracts.admin.outbox import mails
from contracts.admin.posting import postings
from contracts.admin.publishing import agents, closures, consents, providers, services, terms
from contracts.admin.takeover import takeovers

__all__ = [
    "agents",
    "agreements",
    "applications",
    "approvals",
    "closures",
    "consents",
    "contracts",
    "deliveries",
    "inquiries",
    "mails",
    "notes",
    "notices",
    "papers",
    "postings",
    "providers",
    "requests",
    "services",
    "stops",
    "takeovers",
    "tasks",
    "terms",
]
