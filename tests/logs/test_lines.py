"""What the log says of requests and tasks, and what it never says."""

import json
import logging
import logging.config
from collections.abc import Callable, Iterator
from io import StringIO
from smtplib import SMTPRecipientsRefused

import pytest
import structlog
from celery.signals import task_postrun, task_prerun
from django.conf import settings as portal_settings

from portal.celery import app
from portal.logs.lines import logging_settings

E_MAIL = "keiri@customer.example"
TOKEN = "MQ-d1k9z-4f0c8e7a2b6d5e9f1a3c7b8d"

Lines = Callable[[], list[dict[str, object]]]


@pytest.fixture
def lines(settings) -> Iterator[Lines]:
    """What is logged as JSON from now on; however busy the machine is, no request is slow."""
    settings.SLOW_REQUEST_SECONDS = 600
    written = StringIO()
    stated = logging_settings("INFO", as_json=True)
    stated["handlers"]["console"]["stream"] = written
    before = logging.root.handlers[:]
    logging.config.dictConfig(stated)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.config.dictConfig(portal_settings.LOGGING)
    logging.root.handlers[:] = before


def of(told: list[dict[str, object]], event: str) -> dict[str, object]:
    return next(line for line in told if line["event"] == event)


@pytest.mark.django_db
def test_a_request_is_told_of_in_one_line(client, lines):
    answer = client.get(f"/accounts/login/?next=/x&email={E_MAIL}")
    told = of(lines(), "Request")
    assert (told["page"], told["method"], told["status"]) == ("account_login", "GET", 200)
    assert told["request_id"] == answer["X-Request-ID"]
    assert isinstance(told["ms"], int) and isinstance(told["queries"], int)
    assert "customer.example" not in json.dumps(lines())


@pytest.mark.django_db
def test_a_page_that_is_not_there_is_told_of_without_its_address(client, lines):
    client.get(f"/no/such/page/{TOKEN}/")
    told = lines()
    assert of(told, "Request")["status"] == 404
    assert TOKEN not in json.dumps(told)


@pytest.mark.django_db
def test_the_id_that_a_proxy_gave_is_kept_and_any_other_text_is_not(client, lines):
    assert client.get("/health/live", headers={"X-Request-ID": "proxy-0123456789"})["X-Request-ID"] == (
        "proxy-0123456789"
    )
    assert "\n" not in client.get("/health/live", headers={"X-Request-ID": "a b"})["X-Request-ID"]
    assert client.get("/health/live", headers={"X-Request-ID": "a b"})["X-Request-ID"] != "a b"


@pytest.mark.django_db
def test_a_slow_request_is_a_warning(client, lines, settings):
    settings.SLOW_REQUEST_SECONDS = 0
    client.get("/accounts/login/")
    told = of(lines(), "Slow request")
    assert (told["level"], told["page"]) == ("warning", "account_login")


@pytest.mark.django_db
def test_machines_that_watch_are_not_told_of(client, lines):
    client.get("/health/live")
    assert lines() == []


def test_what_a_request_logs_carries_its_id(lines):
    with structlog.contextvars.bound_contextvars(request_id="0123456789abcdef"):
        logging.getLogger("portal.test").warning("Something of %s", "it")
    assert of(lines(), "Something of it")["request_id"] == "0123456789abcdef"


def test_an_error_is_told_of_with_its_trace_and_without_addresses(lines):
    try:
        raise SMTPRecipientsRefused({E_MAIL: (550, b"unknown")})
    except SMTPRecipientsRefused:
        logging.getLogger("portal.test").exception("E-mail %s to %s", 7, E_MAIL)
    told = of(lines(), "E-mail 7 to …@…")
    assert "SMTPRecipientsRefused" in str(told["exception"])
    assert "customer.example" not in json.dumps(told)


def test_tokens_and_query_strings_in_addresses_are_left_out(lines):
    log = logging.getLogger("portal.test")
    log.warning("Not sent: https://portal.example/invitations/%s/", TOKEN)
    log.warning("Not sent: https://portal.example/contracts/?q=山田商事")
    assert [line["event"] for line in lines()] == [
        "Not sent: https://portal.example/invitations/…/",
        "Not sent: https://portal.example/contracts/?…",
    ]


def test_names_of_modules_and_pages_stay(lines):
    logging.getLogger("portal.test").warning(
        "billing.tasks.look_for_work_on_billing_runs /contracts/12/change/"
    )
    assert lines()[0]["event"] == "billing.tasks.look_for_work_on_billing_runs /contracts/12/change/"


@pytest.mark.parametrize("library", ["weasyprint.progress", "fontTools.subset", "celery.worker", "kombu"])
def test_libraries_do_not_tell_of_each_step(lines, library):
    logging.getLogger(library).info("Step 2")
    logging.getLogger(library).warning("Something is wrong")
    assert [line["event"] for line in lines()] == ["Something is wrong"]


@pytest.mark.django_db
def test_work_in_the_background_names_itself_and_the_request_that_told_of_it(lines):
    @app.task(name="tests.say_something")
    def say_something() -> None:
        logging.getLogger("portal.test").warning("At work")

    say_something.push_request(id="job-1", is_eager=False, portal_request_id="0123456789abcdef")
    task_prerun.send(sender=say_something, task_id="job-1")
    say_something.run()
    task_postrun.send(sender=say_something, task_id="job-1")
    say_something.pop_request()
    logging.getLogger("portal.test").warning("Afterwards")
    at_work, afterwards = lines()
    assert (at_work["job"], at_work["job_id"]) == ("tests.say_something", "job-1")
    assert at_work["request_id"] == "0123456789abcdef"
    assert "job" not in afterwards and "request_id" not in afterwards
