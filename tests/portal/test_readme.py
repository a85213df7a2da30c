"""The README and the guides: what they name is there, and what they show works."""

import json
import pkgutil
import re
from datetime import date, datetime
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.utils import timezone, translation

from contracts.models import Service, TermsVersion
from contracts.rules.calendar.period import JAPAN
from contracts.rules.rulebook import Rulebook
from contracts.wording.explain import explain
from portal.loading import load_catalog

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
CATALOG = ROOT / "contracts/catalog"
BLOCK = re.compile(r'^```(?P<language>\w*)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$', re.M | re.S)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
INLINE_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
FILE_NAME = re.compile(r"\.?[\w<>*-][\w<>*./-]*(/|\.(py|toml|md|json|html|css|js|sh|txt|in|po|png))")
OUR_NAME = re.compile(r"(portal|contracts|billing|tests)(\.\w+)+")
MADE_AT_RUN_TIME = ("var/", "media/", "staticfiles/", "invoices/")

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def _blocks(page: Path, language: str) -> list[re.Match[str]]:
    found = BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [block for block in found if block["language"] == language]


def _commands(page: Path) -> list[str]:
    text = "\n".join(block["text"] for block in _blocks(page, "sh"))
    return [line for line in text.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]


def _prose(page: Path) -> str:
    return BLOCK.sub("", page.read_text(encoding="utf-8"))


def test_the_commands_of_the_readme_are_targets_of_make_and_ci_calls_the_test_command():
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    commands = _commands(ROOT / "README.md")
    assert commands == ["make run", "make test"]
    assert {command.removeprefix("make ") for command in commands} <= set(targets)
    assert "make test" in (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()


@every_page
def test_links_and_images_lead_somewhere(page):
    for link in LINK.findall(_prose(page)):
        target, _, anchor = link.partition("#")
        if "://" in target:
            continue
        file = (page.parent / target).resolve() if target else page
        assert file.is_file(), f"{link} leads nowhere"
        assert not anchor or anchor in _anchors(file), f"{link}: no such heading"


def _anchors(file: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", file.read_text(encoding="utf-8")), re.M)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@every_page
def test_paths_are_those_of_files(page):
    for name in INLINE_CODE.findall(_prose(page)):
        if FILE_NAME.fullmatch(name) and not name.startswith(MADE_AT_RUN_TIME):
            pattern = re.sub(r"<[^>]*>", "*", name).rstrip("/")
            assert any(ROOT.glob(pattern)) or any(CATALOG.rglob(pattern)), f"no file {name}"


@every_page
def test_names_of_modules_can_be_imported(page):
    for name in INLINE_CODE.findall(_prose(page)):
        if OUR_NAME.fullmatch(name):
            pkgutil.resolve_name(name)


def test_the_operations_that_the_architecture_names_exist():
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    section = page.partition("## Operations")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([\w/]+)\.py` \| (.*) \|$", section, re.M)
    assert len(rows) > 40
    for module, names in rows:
        for name in INLINE_CODE.findall(names):
            if FILE_NAME.fullmatch(name):
                continue
            assert callable(pkgutil.resolve_name(f"{module.replace('/', '.')}:{name}"))


@every_page
def test_management_commands_and_their_options_exist(page):
    for command in _commands(page):
        if "manage.py " not in command:
            continue
        name, *arguments = command.partition("manage.py ")[2].split()
        known = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
        for option in arguments:
            if option.startswith("--"):
                assert option in known._option_string_actions, f"{name} has no {option}"


@every_page
def test_what_is_quoted_from_a_file_stands_there(page):
    for language in ("toml", "python"):
        for block in _blocks(page, language):
            source = ROOT / (block["title"] or "")
            if block["title"] and block["title"].startswith(("contracts/", "billing/", "portal/")):
                assert block["text"] in source.read_text(encoding="utf-8"), f"{block['title']} says otherwise"


def test_the_walk_from_policy_to_screen_tells_what_the_rules_say():
    page = (ROOT / "docs/from-policy-to-screen.md").read_text(encoding="utf-8")
    version = TermsVersion(
        service=Service(slug="ct-e1"),
        name="2015-04-01",
        text=(CATALOG / "ct-e1/2015-04-01.md").read_text(encoding="utf-8"),
        policy_source=(CATALOG / "ct-e1/2015-04-01.toml").read_text(encoding="utf-8"),
    )
    submitted_at = datetime(2027, 2, 1, 9, tzinfo=JAPAN)
    decision = Rulebook(version.policy).cancellation(submitted_at, date(2027, 2, 28))
    shown = json.loads(next(BLOCK.finditer(page, page.index("```json")))["text"])
    assert shown.items() <= decision.to_json().items()
    with translation.override("en"):
        steps = explain(decision, version, article_url=lambda version, key, origin: "").steps
    for step in steps:
        articles = ", ".join(article.label for article in step.articles)
        assert f"| {step.sentence} | {articles} | {step.result} |" in page


@pytest.mark.django_db
def test_the_samples_of_the_guide_together_make_a_service_that_loads(tmp_path):
    files: dict[str, str] = {}
    for block in BLOCK.finditer((ROOT / "docs/writing-a-policy.md").read_text(encoding="utf-8")):
        if block["title"] and block["title"].startswith("record-desk/"):
            files[block["title"]] = files.get(block["title"], "") + block["text"]
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (service,) = load_catalog(tmp_path, timezone.now())
    assert service.slug == "record-desk"
    assert service.versions.get().name == "1.0"
    assert len(json.loads(files["record-desk/examples.json"])) >= 3
