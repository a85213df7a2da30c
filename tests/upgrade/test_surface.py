"""What people and programs rely on keeps its names: addresses, commands, settings of earlier releases."""

import pytest
from django.urls import Resolver404, resolve

from tests.upgrade import surface
from tests.upgrade.releases import RELEASES, kept_lines

DROPPED = ("admin:account_", "admin:mfa_", "admin:app_list /admin/account/", "admin:app_list /admin/mfa/")
"""Where staff could write other people's addresses and second factors: these are the person's own now."""

every_release = pytest.mark.parametrize("release", RELEASES)


@every_release
def test_every_address_still_answers(release):
    kept = [line for line in kept_lines(release, "addresses.txt") if not line.startswith(DROPPED)]
    lost = [line for line in kept if not _answers(*line.split(" ", 1))]
    assert lost == []


def _answers(name: str, route: str) -> bool:
    """By the name too: what else takes addresses of that form is not the page."""
    try:
        return resolve(surface.example_of(route)).view_name == name
    except Resolver404:
        return False


@every_release
def test_every_command_still_takes_what_it_took(release):
    assert set(kept_lines(release, "commands.txt")) - set(surface.commands()) == set()


@every_release
def test_every_setting_is_still_read(release, tmp_path):
    assert set(kept_lines(release, "settings.txt")) - set(surface.variables(tmp_path)) == set()
