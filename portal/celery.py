"""Work in the background: `celery --app portal worker`, and `celery --app portal beat` as its clock.

The settings begin with CELERY_.
"""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from portal.logs import jobs  # noqa: F401 (each line of a task names it)
from portal.memory import keep_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def _ready(**_about: Any) -> None:
    keep_what_is_loaded()
