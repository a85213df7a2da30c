"""Kept files: stored whole or not at all, under their own names, and handed out only as they were stored."""

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import transaction

from portal import storage
from portal.installation.health import troubles
from portal.installation.models import DamagedFile
from portal.kept_files import (
    DamagedFileError,
    StorageError,
    names_below,
    place_of,
    read_checked,
    remove_on_commit,
    store,
)

NAME = "letters/CD/reminder-1.pdf"
CONTENT = b"%PDF-1.7 a letter"
DYING = f"""
import django, io, os, signal
django.setup()
from django.core.files.base import File
from django.core.files.storage import default_storage

class Dying(io.BytesIO):
    def read(self, size=-1):
        if self.tell() >= 9_000_000:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read(size)

default_storage.save({NAME!r}, File(Dying(bytes(20_000_000))))
"""


@pytest.fixture(params=["folder", "bucket"])
def kept(request, db, settings, tmp_path) -> dict[str, str]:
    """Where files are kept, as the environment of another process names it."""
    if request.param == "folder":
        return {"PORTAL_MEDIA": str(settings.MEDIA_ROOT), "STORAGE_URL": ""}
    return {"STORAGE_URL": request.getfixturevalue("bucket")}


def test_a_file_is_handed_out_as_it_was_stored(kept):
    sha256 = store(NAME, CONTENT)
    assert sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert read_checked(NAME, sha256) == CONTENT


def test_the_same_content_again_is_no_second_file(kept):
    assert store(NAME, CONTENT) == store(NAME, CONTENT)
    assert default_storage.listdir("letters/CD") == ([], ["reminder-1.pdf"])


def test_what_had_the_name_is_written_over(kept):
    store(NAME, CONTENT * 1_000)
    assert read_checked(NAME, store(NAME, b"short")) == b"short"


def test_an_altered_or_missing_file_is_refused_and_staff_are_told_until_it_is_back(kept):
    sha256 = store(NAME, CONTENT)
    for damage in (lambda: store(NAME, CONTENT + b"x"), lambda: default_storage.delete(NAME)):
        damage()
        with pytest.raises(DamagedFileError):
            read_checked(NAME, sha256)
        (told,) = [trouble.text for trouble in troubles() if NAME in trouble.text]
        assert "1件" in told
    store(NAME, CONTENT)
    assert read_checked(NAME, sha256) == CONTENT
    assert not DamagedFile.objects.exists()


def test_a_process_killed_while_it_stores_leaves_no_half_file(kept):
    env = {**os.environ, **kept, "DJANGO_SETTINGS_MODULE": "portal.settings"}
    killed = subprocess.run([sys.executable, "-c", DYING], cwd=django_settings.BASE_DIR, env=env, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not default_storage.exists(NAME)
    assert read_checked(NAME, store(NAME, CONTENT)) == CONTENT
    assert list(names_below("letters")) == ["reminder-1.pdf"]


def test_a_file_is_removed_with_the_commit_that_no_longer_names_it(kept, committing):
    store(NAME, CONTENT)
    with transaction.atomic():
        remove_on_commit(NAME)
        assert default_storage.exists(NAME)
    assert not default_storage.exists(NAME)


def test_all_names_below_a_folder_are_found(kept):
    for name in ("invoices/CD/2026-10/CD-2026-000001.pdf", "invoices/XY/2026-11/XY-2026-000002.pdf"):
        store(name, CONTENT)
    assert sorted(names_below("invoices")) == ["CD-2026-000001.pdf", "XY-2026-000002.pdf"]
    assert list(names_below("nothing")) == []


def test_people_are_told_where_files_lie(bucket):
    assert place_of("invoices/CD") == "s3://kept/invoices/CD"


def test_a_server_that_is_away_is_told_as_such(db, settings, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    settings.STORAGES = {
        **settings.STORAGES,
        "default": storage.storage_at("s3://b?endpoint=http://127.0.0.1:9"),
    }
    with pytest.raises(StorageError):
        store(NAME, CONTENT)
    with pytest.raises(StorageError):
        read_checked(NAME, "")
    assert not DamagedFile.objects.exists()


def test_a_disk_that_is_full_leaves_nothing_behind(db, settings, monkeypatch):
    def full(file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage, "_flush", full)
    with pytest.raises(StorageError, match="No space left on device"):
        store(NAME, CONTENT)
    assert list(Path(settings.MEDIA_ROOT, "letters/CD").iterdir()) == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("kept", "does not begin with s3://"),
        ("s3:///", "names no bucket"),
        ("s3://kept/folder", "is used as a whole"),
        ("s3://kept?zone=1", "no parameters zone"),
    ],
)
def test_a_wrong_address_is_named_by_the_checks(settings, url, said):
    settings.STORAGE_URL = url
    with pytest.raises(SystemCheckError, match=said):
        call_command("check")


def test_missing_keys_are_named_by_the_checks(settings, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    settings.STORAGE_URL = "s3://kept?endpoint=https://s3.example.com&region=ap-northeast-1"
    with pytest.raises(SystemCheckError, match="AWS_ACCESS_KEY_ID is not set"):
        call_command("check")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    call_command("check")
