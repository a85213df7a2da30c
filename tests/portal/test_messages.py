"""Texts of the interface: each that code or templates ask for has its Japanese."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
JAPANESE = Path("locale/ja/LC_MESSAGES/django.po")
FOLDERS = ("portal", "contracts", "billing", "templates")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "catalog")


def test_every_text_has_its_japanese(tmp_path):
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=LEFT_OUT)
    (tmp_path / "locale").mkdir()
    collect = [
        ROOT / ".venv/bin/django-admin",
        "makemessages",
        "--locale=ja",
        "--no-location",
        "--verbosity=0",
    ]
    subprocess.run(collect, cwd=tmp_path, check=True, env={"PATH": os.environ["PATH"]})
    merge = ["msgmerge", "--quiet", "--no-fuzzy-matching", ROOT / JAPANESE, JAPANESE]
    merged = subprocess.run(merge, cwd=tmp_path, check=True, capture_output=True).stdout
    left = ["msgattrib", "--untranslated", "--no-obsolete", "--no-wrap"]
    missing = subprocess.run(left, input=merged, check=True, capture_output=True).stdout.decode()
    assert re.findall(r'^msgid "(.+)"$', missing, re.M) == []
