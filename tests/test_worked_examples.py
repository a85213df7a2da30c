"""Every worked example comes out as written, and the command says so."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from billing.calculation.examples import BILLING_KINDS
from billing.calculation.steps import STEP_KEYS
from contracts.rules.examples.evaluation import check
from contracts.rules.examples.example_file import Example, read_examples
from contracts.wording.problems import reason_text
from portal.catalog import CATALOG, read_catalog
from portal.services import EXAMPLES
from tests.reference import reference_file

SERVICES = {entry.details.slug: entry.loaded for entry in read_catalog()}
OWN = {slug: CATALOG / slug / "examples.json" for slug in SERVICES}


@pytest.fixture(
    params=[
        *OWN,
        *(pytest.param(f"worked-examples/{slug}.json", marks=pytest.mark.reference) for slug in SERVICES),
    ]
)
def examples(request) -> list[Example]:
    """Those of a service that come with it, or those of a reference file."""
    return read_examples(OWN.get(request.param) or reference_file(request.param))


OUTAGE = {
    "known_at": "2026-11-01T10:00:00+09:00",
    "restored_at": "2026-11-02T10:00:00+09:00",
    "fault": "ordinary",
    "monthly_fee": 1000,
}
CHANGE = {"change": "add_item", "submitted_at": "2026-11-01T10:00:00+09:00", "wanted_on": "2027-01-01"}


def evaluate(**changed):
    example = {"id": "x", "service": "ct-e1", "kind": "due", "given": {}, "expect": {}, **changed}
    return check(Example.model_validate(example), SERVICES.get(example["service"]), EXAMPLES)


def run(*arguments) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("worked_examples", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as stopped:
        return stopped.code, out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


@pytest.fixture
def write(tmp_path):
    def write_file(content) -> Path:
        file = tmp_path / "examples.json"
        file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return file

    return write_file


def test_every_example_of_a_file_passes(examples):
    results = [check(example, SERVICES.get(example.service), EXAMPLES) for example in examples]
    assert results
    assert [str(result) for result in results if not result.passed] == []


def test_every_service_ships_its_examples():
    for slug, file in OWN.items():
        assert len(read_examples(file)) >= 15, slug


def test_every_step_of_a_calculation_has_its_key_in_the_list(examples):
    billed = [example for example in examples if example.kind in BILLING_KINDS]
    decisions = [check(example, SERVICES[example.service], EXAMPLES).decision for example in billed]
    taken = {one.rule for decision in decisions for one in decision.steps}
    assert {key for key in taken if not key.startswith("calendar.")} <= set(STEP_KEYS)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"service": "nobody"}, "there is no service 'nobody'"),
        ({"kind": "horoscope"}, "there is no kind 'horoscope'"),
        ({"given": {"month": "2026-13", "charge": "usage"}}, "given.month: '2026-13' is not a month"),
        ({"given": {"month": "2026-12"}}, "given.charge: this value is missing"),
        ({"given": {"month": "2026-12", "charge": "usage", "day": 3}}, "given.day: unknown name"),
        ({"given": {"month": "2026-12", "charge": "usage", "debit_day": "3"}}, "given.debit_day: "),
        (
            {"given": {"month": "2026-12", "charge": "usage", "method": "debit"}},
            "no rule on charging.due.usage.debit",
        ),
        ({"given": {"month": "2001-12", "charge": "usage"}}, "no version of the terms"),
        ({"kind": "deposit", "given": {"monthly_total": 1, "ids": 1}}, "no rule on charging.deposit"),
        ({"kind": "formation", "given": {}}, "give at least one of applied_at"),
        ({"kind": "business_day", "given": {"at": "2026-01-31T10:00:00"}}, "has no time zone"),
        ({"kind": "business_day", "given": {"at": "2026-02-30"}}, "is not a day of the calendar"),
        ({"kind": "data_erasure", "given": {"ends_on": "9999-12-31"}}, "out of range"),
        (
            {
                "kind": "invoice",
                "given": {"month": "2026-10", "lines": [{"product": "seat", "tax": "standard"}]},
            },
            "given.lines[0]: a line has either product and quantity, or amount and tax",
        ),
        (
            {"kind": "invoice", "given": {"month": "2026-10", "lines": [{"amount": 1.0, "tax": "standard"}]}},
            "given.lines[0].amount: ",
        ),
    ],
)
def test_what_the_rules_cannot_answer_is_a_failure_with_its_reason(changed, reason):
    result = evaluate(**changed)
    assert not result.passed
    assert reason in str(result)


@pytest.mark.parametrize(
    ("changed", "path", "key", "said"),
    [
        ({"service": "nobody"}, "service", "example_of_nobody", "サービス「nobody」がありません"),
        ({"kind": "horoscope"}, "kind", "example_of_no_kind", "種類「horoscope」がありません"),
        (
            {"kind": "deposit", "given": {"monthly_total": 1, "ids": 1}},
            "given",
            "no_rule",
            "約款の規則にcharging.depositがありません",
        ),
        (
            {"given": {"month": "2001-12", "charge": "usage"}},
            "given",
            "no_version_on",
            "2001-12-31には「ct-e1」の有効な約款がありません",
        ),
        (
            {"kind": "outage", "given": {**OUTAGE, "restored_at": "2026-11-01T09:00:00+09:00"}},
            "given.restored_at",
            "restored_too_early",
            "復旧の日時は、提供者が障害を知った日時以後にしてください",
        ),
        (
            {"kind": "change", "given": {**CHANGE, "product": "ghost"}},
            "given",
            "no_product",
            "商品「ghost」がありません",
        ),
        (
            {"kind": "terms_at", "given": {"on": "2026-11-01", "article": "第"}},
            "given.article",
            "given_reference",
            "「第」は条文の引用ではありません。19-1、18の2、2-1-9、general-3、slaのような形で書いてください",
        ),
    ],
)
def test_why_there_is_no_answer_is_a_problem_with_words_in_either_language(changed, path, key, said):
    (problem,) = evaluate(**changed).problems
    assert (problem.path, problem.reason.key) == (path, key)
    with override("ja"):
        assert reason_text(problem.reason) == said


def test_a_wrong_answer_shows_field_expectation_answer_and_steps():
    line = str(
        evaluate(
            given={"month": "2026-12", "charge": "usage"},
            expect={"due_on": "2026-12-30", "gross": 1},
            articles=["26"],
        )
    )
    assert 'x: due_on: expected "2026-12-30", got "2026-12-31"; gross: expected 1, got "no such field' in line
    assert 'articles: expected "26", got ["23-1", "23-2", "general-4"]' in line
    assert line.endswith('| due.month_end [23-1, 23-2, general-4] = "2026-12-31"')


def test_values_are_compared_exactly_but_moments_in_any_time_zone():
    notice = {"purpose": "service_end", "channel": "site", "effective_on": "2027-03-31"}
    given = {**notice, "sent_at": "2026-11-30T10:00:00+09:00"}
    asked = {"service": "progoffice", "kind": "notice", "given": given}
    assert evaluate(**asked, expect={"in_time": True, "notice_effective_at": "2026-11-30T01:00:00Z"}).passed
    assert not evaluate(**asked, expect={"in_time": 1}).passed


def test_as_of_picks_the_version():
    given = {"on": "2026-01-01", "as_of": "2020-08-13"}
    assert evaluate(service="progoffice", kind="terms_at", given=given).version == "2016-03-01"


@pytest.mark.django_db
def test_the_command_runs_the_catalog_and_says_where_the_rules_came_from():
    code, out, err = run()
    assert code == 0
    assert out.endswith(" passed, 0 failed\n")
    assert "using the catalog's files" in err


@pytest.mark.django_db
def test_the_command_exits_1_when_an_example_fails(write):
    good = {"id": "good", "service": "desknets", "kind": "terms_at", "given": {"on": "2023-02-06"}}
    examples = [
        {**good, "expect": {"version": "15"}},
        {**good, "id": "bad", "expect": {"version": "14"}},
        {**good, "id": "other", "service": "ct-e1", "expect": {"version": "0"}},
    ]
    code, out, _ = run(write(examples), "--service", "desknets")
    assert code == 1
    failure, summary = out.splitlines()
    assert failure.startswith('bad: version: expected "14", got "15" | governing.version')
    assert summary == "1 passed, 1 failed"


@pytest.mark.django_db
def test_the_command_prints_full_decisions_as_json():
    code, out, err = run("--json", "--service", "ct-e1")
    answers = json.loads(out)
    assert code == 0
    assert err.endswith("0 failed\n")
    assert all(answer["passed"] and answer["decision"]["steps"] for answer in answers)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('[\n{"id": 1', "line 2, column 9: not valid JSON"),
        ('{"id": "a"}', "not a list of examples"),
        ('[{"id": "a"}]', "[0] a.kind: this value is missing"),
        ('[{"kind": "a"}]', "[0].id: this value is missing"),
        ("[1]", "[0]: this must be a group of names and values (given: 1)"),
        (
            '[{"id": "a", "service": "b", "kind": "c", "given": {}, "expect": {}, "as_of": ""}]',
            "[0] a.as_of: unknown",
        ),
    ],
)
def test_the_command_exits_2_when_a_file_cannot_be_read(write, content, reason):
    file = write(content)
    with pytest.raises(CommandError) as refused:
        run(file)
    assert refused.value.returncode == 2
    assert f"{file}: {reason}" in str(refused.value)


EXAMPLE = {
    "id": "twin",
    "service": "desknets",
    "kind": "terms_at",
    "given": {"on": "2023-02-06"},
    "expect": {"version": "15"},
}


@pytest.mark.django_db
def test_two_examples_of_a_file_with_one_id_are_refused(write):
    file = write([EXAMPLE, {**EXAMPLE, "id": "other"}, EXAMPLE])
    with pytest.raises(CommandError) as refused:
        run(file)
    assert refused.value.returncode == 2
    assert str(refused.value) == f"{file}: [2] twin.id: [0] has this id already; give each example its own"


@pytest.mark.django_db
def test_two_files_with_one_id_are_refused_and_named(tmp_path):
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    for file in (first, second):
        file.write_text(json.dumps([EXAMPLE]), encoding="utf-8")
    with pytest.raises(CommandError) as refused:
        run(first, second)
    assert refused.value.returncode == 2
    assert str(refused.value) == f"{second}: the example twin stands in {first} too; give each its own id"


@pytest.mark.django_db
def test_a_file_may_begin_with_a_byte_order_mark(write):
    example = {
        "id": "a",
        "service": "desknets",
        "kind": "terms_at",
        "given": {"on": "2023-02-06"},
        "expect": {},
    }
    assert run(write("\ufeff" + json.dumps([example])))[:2] == (0, "1 passed, 0 failed\n")


@pytest.mark.django_db
def test_a_missing_file_and_an_unknown_service_are_told(tmp_path):
    for arguments, reason in (
        ([tmp_path / "none.json"], "none.json: No such file"),
        (["--service", "nobody"], "there is no service 'nobody'"),
    ):
        with pytest.raises(CommandError, match=reason) as refused:
            run(*arguments)
        assert refused.value.returncode == 2
