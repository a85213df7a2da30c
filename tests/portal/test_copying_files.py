"""Kept files are copied to a bucket as they were stored; what was stopped goes on, nothing is removed."""

from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db.models import FileField

from billing.models import Invoice
from billing.runs.bill import bill
from portal.kept_files import names_below
from portal.management import copying_files
from portal.outbox.attachments import keep
from portal.outbox.models import Mail
from portal.storage import StorageError
from tests import bucket_server
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contracts


@pytest.fixture
def server(object_storage, monkeypatch) -> str:
    for name, value in bucket_server.KEYS.items():
        monkeypatch.setenv(name, value)
    bucket_server.empty_bucket(object_storage)
    return object_storage


@pytest.fixture
def invoices(db, organisation, user) -> list[Invoice]:
    service = load_priced_service("ct-e1")
    make_contracts(service, organisation, user, ["C26-000001", "C26-000002"])
    bill(service.provider, OCTOBER, ISSUE_DAY)
    return list(Invoice.objects.order_by("number"))


@pytest.fixture
def mailed(invoices) -> Mail:
    """An e-mail with a file that nothing else names."""
    file = keep("A26-000001.pdf", b"%PDF-1.7 an application")
    return Mail.objects.create(
        kind="invoice", about=1, key="k", address="a@b.example", attachments=[file.to_json()]
    )


def copy(server: str) -> None:
    call_command("copy_files", "--to", bucket_server.storage_url(server))


def in_bucket(server: str) -> dict[str, bytes]:
    client = bucket_server.client(server)
    found = client.list_objects_v2(Bucket=bucket_server.BUCKET).get("Contents", [])
    return {
        one["Key"]: client.get_object(Bucket=bucket_server.BUCKET, Key=one["Key"])["Body"].read()
        for one in found
    }


def in_folder(names) -> dict[str, bytes]:
    return {name: Path(default_storage.path(name)).read_bytes() for name in names}


def test_all_files_lie_in_the_bucket_as_they_were_stored_and_still_in_the_folder(
    mailed, invoices, server, capsys
):
    copy(server)
    names = [invoice.pdf.name for invoice in invoices] + [mailed.attachments[0]["file"]]
    assert in_bucket(server) == in_folder(names)
    assert "3 copied, 0 there already, 0 missing, 0 altered" in capsys.readouterr().out
    assert sorted(names_below("invoices"))


def test_stopped_it_goes_on_where_it_was(mailed, invoices, server, capsys, monkeypatch):
    with monkeypatch.context() as stopped:
        stopped.setattr(copying_files, "_copy", stopping_at(invoices[1].pdf.name, copying_files._copy))
        with pytest.raises(CommandError, match="Run it again"):
            copy(server)
    assert list(in_bucket(server)) == [invoices[0].pdf.name]
    copy(server)
    assert "2 copied, 1 there already" in capsys.readouterr().out
    copy(server)
    assert "0 copied, 3 there already" in capsys.readouterr().out


def stopping_at(name, copy_one):
    def copy_until(at_hand, *rest) -> None:
        if at_hand == name:
            raise StorageError("the server is away")
        copy_one(at_hand, *rest)

    return copy_until


def test_what_is_missing_or_altered_is_named_and_all_else_is_copied(mailed, invoices, server, capsys):
    Path(invoices[0].pdf.path).unlink()
    Path(invoices[1].pdf.path).write_bytes(b"another")
    with pytest.raises(CommandError, match="Not all files"):
        copy(server)
    said = capsys.readouterr()
    assert "1 copied, 0 there already, 1 missing, 1 altered" in said.out
    assert f"missing: {invoices[0].pdf.name}\naltered: {invoices[1].pdf.name}" in said.err
    assert list(in_bucket(server)) == [mailed.attachments[0]["file"]]


def test_what_lies_in_the_bucket_otherwise_is_written_anew(invoices, server):
    name = invoices[0].pdf.name
    bucket_server.client(server).put_object(Bucket=bucket_server.BUCKET, Key=name, Body=b"half a file")
    copy(server)
    assert in_bucket(server)[name] == in_folder([name])[name]


@pytest.mark.parametrize("url", ["/srv/files", "s3://", "s3://bucket/folder"])
def test_an_address_that_names_no_bucket_is_refused(db, url):
    with pytest.raises(CommandError, match="--to can't be used"):
        call_command("copy_files", "--to", url)


def test_of_each_field_of_files_it_is_known_where_their_hash_is_kept():
    for model in apps.get_models():
        names = {field.name for field in model._meta.concrete_fields}
        for field in model._meta.concrete_fields:
            if isinstance(field, FileField):
                assert copying_files._HASHES[field.name] in names, f"{model.__name__}.{field.name}"
