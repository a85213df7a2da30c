"""The audit trail speaks: each entry is a sentence, in words that people know, with links."""

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.utils.translation import override

from contracts.models import Consent
from portal.approvals.models import Proposal
from portal.audit.books import books, chapters, named, sentences, tell
from portal.audit.erasing import ERASED, erase_personal
from portal.audit.models import AuditEntry
from portal.audit.names import Names
from portal.audit.record import record
from portal.audit.stories import story_of
from portal.audit.telling import Told
from portal.organisations.models import Organisation
from tests import scenes
from tests.billing_scene import load_service
from tests.scenes import at

RECORDING = ("record", "_record", "_recorded", "_factors_changed")
# Keys that are put together: the part that stands in the code, and what comes behind it.
PUT_TOGETHER = {
    "consent.": [Consent.How.RENEWED, Consent.How.REFUSED],
    ".changed": ["user", "group", "organisation"],
}


def told(entry: AuditEntry) -> Told:
    (found,) = tell([entry], Names(named))
    return found


def keys_in(file: Path) -> Iterator[ast.expr]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RECORDING:
            yield node.args[0]


def written(key: ast.expr) -> Iterator[str]:
    """The keys that an expression can be, as far as it says so itself."""
    if isinstance(key, ast.Constant):
        yield key.value
    elif isinstance(key, ast.IfExp):
        yield from (*written(key.body), *written(key.orelse))
    elif isinstance(key, ast.JoinedStr) and ast.unparse(key) == "f'consent.{how.value}'":
        yield from (f"consent.{how}" for how in PUT_TOGETHER["consent."])
    elif isinstance(key, ast.JoinedStr) and ast.unparse(key) == "f'proposal.{state.value}'":
        yield from (f"proposal.{state}" for state in Proposal.State if state != Proposal.State.WAITS)
    elif isinstance(key, ast.JoinedStr):
        assert ast.unparse(key) == "f'{obj._meta.model_name}.{done}'", ast.unparse(key)
        yield from (f"{model}.{done}" for model in PUT_TOGETHER[".changed"] for done in ("added", "changed"))
    elif ast.unparse(key) == "ERASED":
        yield ERASED
    else:  # handed on by a function whose callers are found themselves
        assert isinstance(key, ast.Name) and key.id == "action", ast.unparse(key)


def all_keys() -> set[str]:
    apps = (settings.BASE_DIR / app for app in ("portal", "contracts", "billing"))
    files = (file for app in apps for file in app.rglob("*.py"))
    return {name for file in files for key in keys_in(file) for name in written(key) if "." in name}


def test_each_action_that_the_code_records_has_a_sentence():
    recorded = all_keys()
    assert len(recorded) > 100
    assert recorded - sentences().keys() == set()


def test_no_action_has_two_sentences():
    actions = [action for chapter in chapters() for action in chapter.sentences]
    assert len(actions) == len(set(actions))


@pytest.mark.django_db
def test_what_belongs_to_objects_can_be_looked_up():
    """Relations have the names that the books give them."""
    models = [apps.get_model(label) for book in books() for label in book.strands]
    assert len(models) > 30
    for model in models:
        assert not AuditEntry.objects.filter(story_of(model(pk=1))).exists()


def test_amounts_days_and_labels_read_as_people_write_them(user, organisation):
    entry = record(
        "claim.recorded",
        user,
        organisation,
        task=None,
        net=12_000,
        note="設定作業の費用",
        at=at("2026-10-28"),
    )
    assert told(entry).sentence_text == "金額を登録しました（税抜12,000円）。"
    assert told(entry).facts_text == "備考：設定作業の費用"
    with override("en"):
        assert told(entry).sentence_text == "An amount was entered: ¥12,000 without tax."


def test_what_was_before_stands_in_front_of_what_came(user, organisation):
    entry = record(
        "contract.suspension_lifted",
        user,
        organisation,
        suspension=None,
        before=date(2026, 11, 20),
        ends_on=date(2026, 11, 15),
    )
    assert told(entry).facts_text == "最終日：2026年11月20日 → 2026年11月15日"


def test_what_had_no_value_before_says_so(user, organisation):
    entry = record(
        "agreement.ended", user, organisation, ends_on=date(2026, 12, 31), before={"ends_on": None}
    )
    assert told(entry).facts_text == "最終日：（なし） → 2026年12月31日"


def test_who_did_it_is_named_and_so_is_the_portal(user, organisation):
    assert told(record("organisation.completed", user, organisation)).who == str(user)
    assert told(record("organisation.completed", None, organisation)).who == "システム"


def test_what_is_personal_reads_like_the_rest_until_it_is_erased(user, organisation):
    entry = record("notice.sent_again", user, organisation, personal={"address": "hanako@aozora.example"})
    assert told(entry).sentence_text == "お知らせをhanako@aozora.exampleに再送しました。"
    erase_personal(organisation, user)
    entry.refresh_from_db()
    assert told(entry).sentence_text == "お知らせを（消去済み）に再送しました。"
    erased = AuditEntry.objects.filter(action=ERASED).first()
    assert told(erased).sentence_text == "操作記録から個人情報を消去しました。"


def test_an_action_nobody_knows_reads_all_the_same(user, organisation):
    entry = told(record("thing.of_old", user, organisation, step=3, on="2020-01-01", more={"a": 1}))
    assert entry.sentence_text == "出来事「thing.of_old」"
    assert entry.facts_text == "step：3／on：2020-01-01"
    assert entry.target.text == f"組織 {organisation.name}"


@pytest.mark.parametrize("odd", [None, "x", 7, [], ["x"], {"x": 1}, {"before": 1, "after": "x"}, True])
def test_data_of_another_shape_spoil_no_sentence(user, organisation, odd):
    keys = (
        "decision",
        "ends_on",
        "starts_on",
        "amount",
        "parts",
        "quantities",
        "changes",
        "details",
        "before",
    )
    for action in sentences():
        entry = AuditEntry(
            action=action,
            object_type="contracts.contract",
            object_id="1",
            organisation_id=organisation.pk,
            data=dict.fromkeys(keys, odd),
            at=at("2026-10-10"),
            sequence=1,
        )
        assert told(entry).sentence_text


def test_an_object_that_is_no_more_is_still_named(user, organisation):
    entry = record("application_draft.discarded", user, organisation, service="gone")
    gone = AuditEntry(
        **{name: getattr(entry, name) for name in ("action", "data", "at", "sequence")},
        object_type="contracts.applicationdraft",
        object_id="99",
    )
    assert told(gone).target.text == "申込の下書き99（削除済み）"
    assert "gone" in told(gone).sentence_text


def test_a_key_of_the_terms_reads_in_their_words(yamada_contract):
    entry = record(
        "contract.suspended",
        None,
        yamada_contract,
        kind="suspension",
        product="base",
        reason="unpaid",
        starts_on=date(2026, 10, 2),
    )
    facts = told(entry).facts_text
    assert "停止の対象：サーバ基本プラン" in facts
    assert "unpaid" not in facts


def test_more_entries_take_no_more_queries(yamada_contract, django_assert_num_queries):
    names = {"number": "R26-000001", "kind": "quantity_up", "product": "base", "wanted_on": "2026-11-01"}
    entries = [record("request.submitted", None, yamada_contract, **names) for _ in range(40)]
    with django_assert_num_queries(
        5
    ):  # the contract, its customer, the request, the versions, their readings
        tell(entries[:1], Names(named))
    with django_assert_num_queries(5):
        tell(entries, Names(named))


@pytest.fixture
def yamada_contract(db):
    return scenes.running(load_service("partner-cloud-e"), {"base": 2}, scenes.yamada())


def test_the_name_of_an_organisation_can_carry_no_markup(user, organisation):
    Organisation.objects.filter(pk=organisation.pk).update(name="<b>太字</b>")
    assert told(record("organisation.completed", user, organisation)).target.html == (
        "組織 &lt;b&gt;太字&lt;/b&gt;"
    )
