"""`manage.py import_terms FILE`."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from contracts.models import TermsVersion
from portal.audit.models import AuditEntry

TEXT = """見本約款
第1章 総則
第1条（目的）
本文は、第9条の定めによる。
2. 二項。
（1）一号
・第〇条 禁止行為
してはならない。
以上
あとがき、です。
"""


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "terms.txt"
    path.write_text(TEXT, encoding="cp932")
    return path


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command("import_terms", *map(str, arguments), stdout=out)
    return out.getvalue()


def refused(*arguments: object) -> str:
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    assert caught.value.returncode == 2
    assert not TermsVersion.objects.filter(published_at=None).exists()
    return str(caught.value)


def test_the_tree_and_what_is_not_in_it_as_json(file):
    report = json.loads(run(file, "--json"))
    first, second = report["articles"]
    assert {key: first[key] for key in ("number", "title", "chapter")} == {
        "number": "1",
        "title": "目的",
        "chapter": "第1章 総則",
    }
    assert [(part["number"], part["text"]) for part in first["paragraphs"]] == [
        (None, "本文は、第9条の定めによる。"),
        (2, "二項。"),
    ]
    assert first["paragraphs"][1]["items"] == [{"label": "(1)", "text": "一号", "items": []}]
    assert second["number"] == "〇"
    assert report["annexes"] == []
    assert [(item["line"], item["text"]) for item in report["not_placed"]] == [(10, "あとがき、です。")]
    assert report["dangling_references"] == [
        {"at": "1-1", "text": "第9条", "target": "9", "reason": "the text has no such article"}
    ]
    assert report["notes"] == [{"line": 7, "kind": "open article number", "subject": "第〇条"}]
    assert [item["kind"] for item in report["page_furniture"]] == ["bullet before a heading", "end mark"]


def test_a_summary_for_people(file):
    summary = run(file)
    assert "第1章 総則: 第1条 – 第〇条" in summary
    assert "1 numbered articles, 1 with an open number" in summary
    assert "Leads nowhere: 1-1: 第9条" in summary
    assert "Not placed: line 10" in summary


def test_a_draft_is_stored_when_service_and_version_are_named(progoffice, file):
    assert "Stored as the draft '16'" in run(file, "--service", "progoffice", "--version", "16")
    version = TermsVersion.objects.get(service=progoffice, name="16")
    assert [str(article.number) for article in version.terms.articles] == ["1", "〇"]
    assert AuditEntry.objects.get(action="terms.draft_created").data["source"] == "terms.txt"


def test_a_dry_run_stores_nothing_but_says_whether_it_could(progoffice, file):
    assert "can be stored" in run(file, "--service", "progoffice", "--version", "16", "--dry-run")
    assert not TermsVersion.objects.filter(name="16").exists()
    assert not AuditEntry.objects.filter(action="terms.draft_created").exists()
    message = refused(file, "--service", "progoffice", "--version", "2016-03-01", "--dry-run")
    assert "exists already, as published" in message


def test_an_unknown_service_is_named_beside_those_there_are(progoffice, file):
    message = refused(file, "--service", "nobody", "--version", "1")
    assert "there is no service 'nobody'; there are: progoffice" in message


def test_service_and_version_belong_together(db, file):
    assert "belong together" in refused(file, "--service", "progoffice")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"\x81\xff\xff", "neither UTF-8 nor Shift_JIS"),
        ("約款\n第1条（一）\n本文。\n第1条（二）\n本文。".encode(), "line 4: 第1条 already stands in line 2"),
        ("ご案内です。".encode(), "no article"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_name_and_reason(progoffice, tmp_path, content, reason):
    path = tmp_path / "broken.txt"
    path.write_bytes(content)
    message = refused(path, "--service", "progoffice", "--version", "16")
    assert str(path) in message
    assert reason in message


def test_a_file_that_is_not_there(db, tmp_path):
    assert "No such file" in refused(tmp_path / "missing.txt")
    assert "Is a directory" in refused(tmp_path)


def test_the_shell_sees_exit_code_2_and_no_traceback(tmp_path):
    command = [sys.executable, "manage.py", "import_terms", str(tmp_path / "missing.txt"), "--version", "1"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "belong together" in done.stderr
    assert "Traceback" not in done.stderr
