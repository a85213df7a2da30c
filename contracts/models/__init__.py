"""The facts of contracts, and what must hold among them."""

from contracts.models.application import Application, ApplicationItem
from contracts.models.consent import Consent, ConsentChain
from contracts.models.contract import Contract, ContractItem, Suspension
from contracts.models.counter import NumberCounter
from contracts.models.notice import Notice, NoticeDelivery
from contracts.models.request import ContractRequest
from contracts.models.service import CompanyClosure, Provider, Service
from contracts.models.terms import TermsVersion

__all__ = [
    "Application",
    "ApplicationItem",
    "CompanyClosure",
    "Consent",
    "ConsentChain",
    "Contract",
    "ContractItem",
    "ContractRequest",
    "Notice",
    "NoticeDelivery",
    "NumberCounter",
    "Provider",
    "Service",
    "Suspension",
    "TermsVersion",
]
