"""What operations tell the audit trail of persons is declared as personal, so that it can be erased."""

import ast
from collections.abc import Iterator

from django.conf import settings

OF_PERSONS = {
    *("name", "kana", "holder", "email", "address", "phone", "to", "ip", "title"),
    *("reason", "override_reason", "note", "text", "question", "answer", "settlement", "why", "reference"),
    *("details", "changes", "row", "particulars", "company"),
}
"""Keys under which data may hold names, addresses, or what people wrote in their own words."""

RECEIVED = "by which way and when something came, when it was entered, and the hash of its paper"

OPEN = {
    **{
        (f"contracts/{module}.py", f"**told_of_agent({agent})"): "the company for which something was done"
        for module, agent in (
            ("applications/decide", "agent"),
            ("applications/questions", "agent"),
            ("requests/decide", "agent"),
            ("requests/decide", "request.decided_for"),
            ("requests/questions", "agent"),
        )
    },
    ("contracts/publishing/drafts.py", "name"): "the name of a version",
    ("contracts/publishing/drafts.py", "**more"): "how many articles a text has",
    ("contracts/publishing/lives.py", "name"): "the name of a version",
    ("contracts/publishing/publish.py", "name"): "the name of a version",
    ("contracts/publishing/revisions.py", "name"): "the name of a version",
    ("contracts/publishing/services.py", "**file.model_dump(mode='json')"): "a service of the catalog",
    ("contracts/lifecycle/documents.py", "to"): "what a document belongs to",
    (
        "contracts/publishing/particulars.py",
        "**{name: {'before': getattr(last, name), 'after': values[name]} for name in _changed(last, values)}",
    ): "what a provider states of itself to everybody",
    ("contracts/requests/withdrawal.py", "**details"): "the number and state of a request",
    ("contracts/requests/decide.py", "**told_of_receipt(received) if received else {}"): RECEIVED,
    ("contracts/requests/questions.py", "**keep_paper(current, received)"): RECEIVED,
    ("contracts/applications/decide.py", "**told_of_receipt(received) if received else {}"): RECEIVED,
    ("contracts/applications/questions.py", "**keep_paper(current, received)"): RECEIVED,
    ("contracts/applications/withdrawal.py", "**told"): RECEIVED,
    ("billing/runs/states.py", "**facts"): "hashes and counts of a run",
    ("portal/restoring.py", "reason"): "a key",
    ("portal/organisations/admin.py", "**added.stated()"): "roles and contracts of a member",
    ("portal/organisations/members/changing.py", "**changed"): "roles and contracts of a member",
    ("portal/organisations/members/changing.py", "**had"): "roles and contracts of a member",
    ("portal/organisations/members/inviting.py", "**membership.stated()"): "roles and contracts of a member",
    ("portal/organisations/members/inviting.py", "**invitation.stated()"): "roles and contracts of a member",
}
"""What is none of that, or is by somebody's decision: why."""


def told_openly() -> Iterator[tuple[str, str]]:
    """Each file that calls `record`, with the keys that it gives beside `personal`."""
    for part in ("portal", "contracts", "billing"):
        for file in sorted((settings.BASE_DIR / part).rglob("*.py")):
            for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if (
                    isinstance(call, ast.Call)
                    and isinstance(call.func, ast.Name)
                    and call.func.id == "record"
                ):
                    for keyword in call.keywords:
                        if not is_a_key(keyword):
                            yield (
                                str(file.relative_to(settings.BASE_DIR)),
                                keyword.arg or f"**{ast.unparse(keyword.value)}",
                            )


def is_a_key(keyword: ast.keyword) -> bool:
    """Such as `reason=reason_key`: one of those that the terms name."""
    return isinstance(keyword.value, ast.Name) and keyword.value.id.endswith("_key")


def test_nothing_personal_is_told_for_ever():
    told = {(file, key) for file, key in told_openly() if key in OF_PERSONS or key.startswith("**")}
    assert told - OPEN.keys() == set(), "give it as record(…, personal={…})"


def test_no_exception_is_left_over():
    assert OPEN.keys() - set(told_openly()) == set()
