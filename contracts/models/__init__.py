"""The facts of contracts, and what must hold among them."""

from contracts.models.application import Application, ApplicationItem, Consent
from contracts.models.contract import Contract, ContractItem, Suspension
from contracts.models.counter import NumberCounter
from contracts.models.request import ContractRequest
from contracts.models.service import CompanyClosure, Provider, Service
from contracts.models.terms import TermsVersion

__all__ = [
    "Application",
    "ApplicationItem",
    "CompanyClosure",
    "Consent",
    "Contract",
    "ContractItem",
    "ContractRequest",
    "NumberCounter",
    "Provider",
    "Service",
    "Suspension",
    "TermsVersion",
]
