"""A kind of request is named in its own file alone: what else must know something of it asks its class."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from contracts.requests.registry import KINDS

ROOT = Path(settings.BASE_DIR)
OWN_FILES = {key: Path(inspect.getfile(type(kind))) for key, kind in KINDS.items()}

FIELDS = {"name", "particulars"}
"""Keys that are also what fields are called everywhere: they name a kind only where a kind is spoken of."""

ASK_OF_A_KIND = {"kind_of", "offer_of", "kind_label", "ends_contract", "gives_up", "passes_on"}

ALLOWED = {
    # A constraint of the database needs the keys; the classes take theirs from there.
    "contracts/models/request.py": {"cancellation", "non_renewal", "rescission"},
    # A kind of suspension, whatever it was asked for with.
    "contracts/models/suspension.py": {"interruption"},
    # Pure: what policies and worked examples are written in, which know no classes.
    "contracts/rules/examples/kinds.py": {"cancellation"},
    "contracts/rules/examples/lifecycle_examples.py": {"non_renewal"},
    "contracts/rules/policy/review.py": {"succession"},
    "contracts/rules/policy/schema.py": {"cancellation", "non_renewal"},
    # The parts of a policy in words.
    "contracts/wording/policies.py": {"cancellation", "succession"},
    # A particular of the customer that policies ask for, and its label.
    "contracts/rules/policy/particulars.py": {"responsible_person"},
    "contracts/wording/particulars.py": {"responsible_person"},
}
"""Where a key stands that is no kind's, or that can't be asked for, and why."""


def modules() -> Iterator[Path]:
    for room in ("portal", "contracts", "billing", "scripts"):
        yield from (file for file in (ROOT / room).rglob("*.py") if "migrations" not in file.parts)


def pages() -> Iterator[Path]:
    yield from (file for file in (ROOT / "templates").rglob("*") if file.is_file())
    yield from (ROOT / "static" / "js").rglob("*.js")


def named_in_module(source: str) -> set[str]:
    """The keys of kinds that a module names."""
    tree = ast.parse(source)
    named = _keys(tree) - FIELDS
    for node in ast.walk(tree):
        named |= _keys_beside_kind(node)
    return named


def _keys_beside_kind(node: ast.AST) -> set[str]:
    """Keys that something called a kind is compared with, matched with, or given as."""
    match node:
        case ast.Compare() if any(_is_kind(side) for side in (node.left, *node.comparators)):
            return _keys(node)
        case ast.Match() if _is_kind(node.subject):
            return {key for case in node.cases for key in _keys(case.pattern)}
        case ast.keyword(arg=str(name)) if name in {"kind", "kind__in"}:
            return _keys(node.value)
        case ast.Call(
            func=ast.Name(
                id="kind_of" | "offer_of" | "kind_label" | "ends_contract" | "gives_up" | "passes_on"
            )
        ):
            return {key for argument in node.args for key in _keys(argument)}
        case ast.Call(func=ast.Attribute(attr="rule_on" | "change_rule")):
            return {key for argument in node.args for key in _keys(argument)}
    return set()


def _is_kind(node: ast.AST) -> bool:
    return getattr(node, "attr", getattr(node, "id", "")) == "kind"


def _keys(tree: ast.AST) -> set[str]:
    found = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    texts = {value for value in found if isinstance(value, str)}
    changes = {key for text in texts for key in re.findall(r"^changes?\.([a-z_]+)", text)}
    return (texts | changes) & set(KINDS)


def named_on_page(source: str) -> set[str]:
    """The keys of kinds that a template or a script names between quotation marks, or beside a kind."""
    logic = " ".join(re.findall(r"{[{%].*?[%}]}", source)) or source
    quoted = set(re.findall(r"""["']([a-z_]+)["']""", logic)) - FIELDS
    compared = set(re.findall(r"""\bkind\s*[=!]==?\s*["']([a-z_]+)["']""", logic))
    return (quoted | compared) & set(KINDS)


def test_a_kind_is_named_in_its_own_file_alone():
    named = {file: named_in_module(file.read_text(encoding="utf-8")) for file in modules()}
    named |= {file: named_on_page(file.read_text(encoding="utf-8")) for file in pages()}
    elsewhere = {
        str(file.relative_to(ROOT)): keys
        for file, found in named.items()
        if (keys := {key for key in found if OWN_FILES[key] != file})
    }
    assert elsewhere == ALLOWED


@pytest.mark.parametrize(
    "source",
    [
        'if request.kind == "{key}": pass',
        'if kind in ("else", "{key}"): pass',
        'match asked.kind:\n    case "{key}": pass',
        'requests.filter(kind="{key}")',
        'requests.filter(kind__in=["{key}"])',
        'offer_of(contract, "{key}", at)',
        'policy.change_rule("{key}")',
    ],
)
@pytest.mark.parametrize("key", KINDS)
def test_a_module_that_asks_for_a_kind_by_its_key_is_found(source, key):
    assert named_in_module(source.replace("{key}", key)) == {key}


@pytest.mark.parametrize("key", KINDS)
def test_a_page_that_asks_for_a_kind_by_its_key_is_found(key):
    assert named_on_page(f'<p>{{% if offer.kind == "{key}" %}}</p>') == {key}
