"""The facts of contracts, and what must hold among them."""

from contracts.models.agents import AgentRules, ContractAgent, SalesAgent
from contracts.models.agreement import IndividualAgreement
from contracts.models.application import Application, ApplicationItem, ApplicationMessage
from contracts.models.consent import Consent, ConsentChain
from contracts.models.contract import Contract, ContractItem
from contracts.models.counter import NumberCounter
from contracts.models.customers import CustomerNote
from contracts.models.customers.inquiry import Inquiry, InquiryMessage
from contracts.models.document import ContractDocument, IssuedLetter
from contracts.models.draft import ApplicationDraft, DraftDocument
from contracts.models.facts import AuthorisedUser, ContractParticular, ContractParty
from contracts.models.lives import AcceptedOutcome, ExampleLife, LivesRun
from contracts.models.notice import Notice, NoticeDelivery
from contracts.models.papers.posting import PostedMail, Posting
from contracts.models.papers.receipt import Receipt
from contracts.models.request import ContractRequest, RequestMessage
from contracts.models.review import IdentityCheck, ReviewCheck
from contracts.models.revision import PolicyRevision
from contracts.models.service import CompanyClosure, Provider, ProviderParticulars, Service
from contracts.models.suspension import Suspension
from contracts.models.takeover import Takeover, TakeoverRow
from contracts.models.task import Claim, Reminder, Task
from contracts.models.terms import TermsVersion

__all__ = [
    "AcceptedOutcome",
    "AgentRules",
    "Application",
    "ApplicationDraft",
    "ApplicationItem",
    "ApplicationMessage",
    "AuthorisedUser",
    "Claim",
    "CompanyClosure",
    "Consent",
    "ConsentChain",
    "Contract",
    "ContractAgent",
    "ContractDocument",
    "ContractItem",
    "ContractParticular",
    "ContractParty",
    "ContractRequest",
    "CustomerNote",
    "DraftDocument",
    "ExampleLife",
    "IdentityCheck",
    "IndividualAgreement",
    "Inquiry",
    "InquiryMessage",
    "IssuedLetter",
    "LivesRun",
    "Notice",
    "NoticeDelivery",
    "NumberCounter",
    "PolicyRevision",
    "PostedMail",
    "Posting",
    "Provider",
    "ProviderParticulars",
    "Receipt",
    "Reminder",
    "RequestMessage",
    "ReviewCheck",
    "SalesAgent",
    "Service",
    "Suspension",
    "Takeover",
    "TakeoverRow",
    "Task",
    "TermsVersion",
]
