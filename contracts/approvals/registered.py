"""Everything in contracts that takes a second person."""

from contracts.approvals.agents import AGENT_RULES
from contracts.approvals.charges import COSTS, DEVICE_CHARGE
from contracts.approvals.closure_lists import CLOSURES
from contracts.approvals.closures import CLOSURE
from contracts.approvals.correction import CORRECTION
from contracts.approvals.deadlines import LATE_END, LATE_NOTICE, LATE_REQUEST
from contracts.approvals.particulars import PARTICULARS, PARTICULARS_WITHDRAWAL
from contracts.approvals.publication import PUBLICATION
from contracts.approvals.rules import SECOND_PERSON
from contracts.approvals.takeovers import ANNULMENT, TAKEOVER

KINDS = (
    PARTICULARS,
    PARTICULARS_WITHDRAWAL,
    PUBLICATION,
    AGENT_RULES,
    CLOSURE,
    CLOSURES,
    CORRECTION,
    LATE_REQUEST,
    LATE_NOTICE,
    LATE_END,
    COSTS,
    DEVICE_CHARGE,
    TAKEOVER,
    ANNULMENT,
    SECOND_PERSON,
)
