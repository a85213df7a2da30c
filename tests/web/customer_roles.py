"""What members see of 山田商事 by their roles, and what they may send: every page of customers in one row.

`limited` is a member who handles contracts and billing of another contract of 山田商事 alone; `removed` was a
member, and is none of anybody now; `other` owns another organisation.
"""

from tests.member_scene import BILLING, CONTRACTS, READER

ROLES = ("owner", "contracts", "billing", "reader", "limited", "removed", "other")
GIVEN = {"contracts": CONTRACTS, "billing": BILLING, "reader": READER}

NO_RIGHT = 403
NOT_FOUND = 404
REGISTER = "to registering an organisation"
SEEN = 200
FORM = "to the form"
OPEN = "taken or refused in words"

EVERYBODY = (SEEN,) * 7
MEMBERS = (SEEN, SEEN, SEEN, SEEN, SEEN, REGISTER, SEEN)
OF_A_CONTRACT = (SEEN, SEEN, SEEN, SEEN, NOT_FOUND, REGISTER, NOT_FOUND)
FILE = (SEEN, SEEN, SEEN, SEEN, NOT_FOUND, NOT_FOUND, NOT_FOUND)
APPLYING = (SEEN, SEEN, NO_RIGHT, NO_RIGHT, NO_RIGHT, REGISTER, SEEN)
ON_A_CONTRACT = (SEEN, SEEN, NO_RIGHT, NO_RIGHT, NOT_FOUND, REGISTER, NOT_FOUND)
ACCOUNT = (SEEN, NO_RIGHT, SEEN, NO_RIGHT, NO_RIGHT, REGISTER, NOT_FOUND)
OWNERS = (SEEN, NO_RIGHT, NO_RIGHT, NO_RIGHT, NO_RIGHT, REGISTER, SEEN)
OF_A_MEMBER = (SEEN, NO_RIGHT, NO_RIGHT, NO_RIGHT, NO_RIGHT, REGISTER, NOT_FOUND)
NOT_LOOKED_AT = (405,) * 7
NOBODY = (NOT_FOUND,) * 7

PAGES: dict[str, tuple[object, ...]] = {
    "home": MEMBERS,
    "organisations:create": (*("to the home page",) * 5, SEEN, "to the home page"),
    "organisations:address": EVERYBODY,
    "organisations:switch": NOT_LOOKED_AT,
    "organisations:members": MEMBERS,
    "organisations:member-invite": OWNERS,
    "organisations:member-leave": MEMBERS,
    "organisations:member-activity": OWNERS,
    "organisations:member": OF_A_MEMBER,
    "organisations:member-remove": OF_A_MEMBER,
    "organisations:member-hand-over": OF_A_MEMBER,
    "organisations:invitation-again": (405, *(NO_RIGHT,) * 4, REGISTER, 405),
    "organisations:invitation-withdraw": (405, *(NO_RIGHT,) * 4, REGISTER, 405),
    "organisations:invitation-accept": NOT_LOOKED_AT,
    "organisations:invitation": NOBODY,
    "organisations:join": EVERYBODY,
    "organisations:joining": OWNERS,
    "data_protection:own-data": EVERYBODY,
    "data_protection:copy": (SEEN, *(NOT_FOUND,) * 6),
    "data_protection:copy-file": (SEEN, *(NOT_FOUND,) * 6),
    "contracts:company": MEMBERS,
    "contracts:company-edit": APPLYING,
    "contracts:company-mails": MEMBERS,
    "contracts:company-move": APPLYING,
    "contracts:company-rename": APPLYING,
    "contracts:company-drop": (405, 405, NO_RIGHT, NO_RIGHT, NO_RIGHT, REGISTER, 405),
    "contracts:service-list": EVERYBODY,
    "contracts:service-detail": EVERYBODY,
    "contracts:terms-list": EVERYBODY,
    "contracts:terms-history": EVERYBODY,
    "contracts:terms-version": EVERYBODY,
    "contracts:terms-compare": EVERYBODY,
    "contracts:terms-as-of": EVERYBODY,
    "contracts:application-new": (FORM, FORM, NO_RIGHT, NO_RIGHT, NO_RIGHT, REGISTER, FORM),
    "contracts:application-step": APPLYING,
    "contracts:application-estimate": APPLYING,
    "contracts:application-discard": (SEEN, NOT_FOUND, NO_RIGHT, NO_RIGHT, NO_RIGHT, REGISTER, NOT_FOUND),
    "contracts:application-confirm": (FORM, FORM, NO_RIGHT, NO_RIGHT, NO_RIGHT, REGISTER, FORM),
    "contracts:application-detail": OF_A_CONTRACT,
    "contracts:application-documents": OF_A_CONTRACT,
    "contracts:application-questions": OF_A_CONTRACT,
    "contracts:application-withdraw": (
        *("to the application",) * 2,
        NO_RIGHT,
        NO_RIGHT,
        NOT_FOUND,
        REGISTER,
        NOT_FOUND,
    ),
    "contracts:application-pdf": FILE,
    "contracts:contract-list": MEMBERS,
    "contracts:contract-detail": OF_A_CONTRACT,
    "contracts:contract-what-if": FILE,
    "contracts:contract-timeline": FILE,
    "contracts:contract-rules": FILE,
    "contracts:agent-rules": NOBODY,
    "contracts:calendar": MEMBERS,
    "contracts:calendar-file": MEMBERS,
    "contracts:calendar-address": (*(405,) * 5, REGISTER, 405),
    "contracts:calendar-provider": NOBODY,
    "contracts:calendar-feed": NOBODY,
    "contracts:contract-request-new": ON_A_CONTRACT,
    "contracts:contract-request-detail": OF_A_CONTRACT,
    "contracts:contract-request-withdraw": ON_A_CONTRACT,
    "contracts:contract-document": FILE,
    "contracts:contract-letter": FILE,
    "contracts:consent-renewal": ON_A_CONTRACT,
    "contracts:consent-certificate": FILE,
    "contracts:public-notice-list": EVERYBODY,
    "contracts:public-notice-detail": EVERYBODY,
    "contracts:notice-list": MEMBERS,
    "contracts:notice-detail": OF_A_CONTRACT,
    "billing:invoice-list": MEMBERS,
    "billing:invoice-detail": OF_A_CONTRACT,
    "billing:invoice-pdf": FILE,
    "billing:invoice-einvoice": FILE,
    "billing:invoice-statement": ACCOUNT,
    "billing:invoice-set-offs": OF_A_CONTRACT,
    "billing:contract-outages": OF_A_CONTRACT,
    "billing:contract-outage-withdraw": (405, NO_RIGHT, 405, NO_RIGHT, 405, REGISTER, 405),
    "billing:statement-of": NOBODY,
    "billing:invoice-statement-progress": FILE,
    "billing:invoice-statement-pdf": FILE,
    "billing:reminder-pdf": FILE,
    "billing:set-off-pdf": FILE,
    "billing:deposit-letter-pdf": FILE,
    "billing:payout-file": NOBODY,
    "billing:debit-request": NOBODY,
}
"""What a GET leads to, by the roles in their order."""

_CONTRACTS = (OPEN, OPEN, NO_RIGHT, NO_RIGHT, NOT_FOUND, REGISTER, NOT_FOUND)
_APPLYING = (OPEN, OPEN, NO_RIGHT, NO_RIGHT, NO_RIGHT, REGISTER, OPEN)
_BILLING = (OPEN, NO_RIGHT, OPEN, NO_RIGHT, NOT_FOUND, REGISTER, NOT_FOUND)
_OWNERS = (OPEN, *(NO_RIGHT,) * 4, REGISTER, NOT_FOUND)

SENT: dict[str, tuple[object, ...]] = {
    "organisations:member-invite": (OPEN, *(NO_RIGHT,) * 4, REGISTER, OPEN),
    "organisations:member-leave": (*(OPEN,) * 5, REGISTER, OPEN),
    "organisations:member": _OWNERS,
    "organisations:member-remove": _OWNERS,
    "organisations:member-hand-over": _OWNERS,
    "organisations:invitation-again": _OWNERS,
    "organisations:invitation-withdraw": _OWNERS,
    "organisations:invitation-accept": NOBODY,
    "contracts:application-new": _APPLYING,
    "contracts:application-step": _APPLYING,
    "contracts:application-discard": (OPEN, NOT_FOUND, NO_RIGHT, NO_RIGHT, NO_RIGHT, REGISTER, NOT_FOUND),
    "contracts:application-confirm": _APPLYING,
    "contracts:application-documents": _CONTRACTS,
    "contracts:application-questions": _CONTRACTS,
    "contracts:application-withdraw": _CONTRACTS,
    "contracts:contract-request-new": _CONTRACTS,
    "contracts:contract-request-detail": _CONTRACTS,
    "contracts:contract-request-withdraw": _CONTRACTS,
    "contracts:consent-renewal": _CONTRACTS,
    "contracts:calendar-address": (*(OPEN,) * 5, REGISTER, OPEN),
    "billing:invoice-statement": (OPEN, NO_RIGHT, OPEN, NO_RIGHT, NO_RIGHT, REGISTER, NOT_FOUND),
    "billing:invoice-set-offs": _BILLING,
    "billing:contract-outages": _BILLING,
    "billing:contract-outage-withdraw": (
        NOT_FOUND,
        NO_RIGHT,
        NOT_FOUND,
        NO_RIGHT,
        NOT_FOUND,
        REGISTER,
        NOT_FOUND,
    ),
}
"""What sending nothing leads to, on the pages that take something."""
