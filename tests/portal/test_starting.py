"""Web processes that could serve no page do not start, and say why."""

import pytest

from portal.starting import NotReadyError, ensure_ready


def test_without_static_files_no_process_of_production_starts(settings, tmp_path, caplog):
    settings.PRODUCTION, settings.STATIC_ROOT = True, tmp_path
    with pytest.raises(NotReadyError, match="every page would fail"):
        ensure_ready()
    assert "Run manage.py collectstatic" in caplog.text


def test_development_starts_as_it_is(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    ensure_ready()
