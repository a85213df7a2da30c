"""Publishing terms: whole or not at all, and for ever."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from contracts.models import Service, TermsVersion
from contracts.publishing.publish import PublicationRefused, publish_version
from contracts.publishing.services import save_service
from contracts.rules.policy.service_file import read_service
from portal.audit.models import AuditEntry
from tests.billing_scene import CATALOG, load_agents
from tests.scenes import at, day, staff_member

FOLDER = CATALOG / "progoffice"
FIRST, SECOND = "2016-03-01", "2020-08-14"


@pytest.fixture
def service(db) -> Service:
    """A service of which nothing is published yet."""
    service = save_service(read_service((FOLDER / "service.toml").read_text(encoding="utf-8")))
    load_agents(service)
    return service


def publish(service: Service, file: str, **changed) -> TermsVersion:
    values = {
        "name": file,
        "title": "利用規約",
        "text": (FOLDER / f"{file}.md").read_text(encoding="utf-8"),
        "policy_source": (FOLDER / f"{file}.toml").read_text(encoding="utf-8"),
        "at": at("2026-01-10"),
        "staff": staff_member(),
        **changed,
    }
    return publish_version(service, **values)


def problems_of(excinfo) -> str:
    return "\n".join(str(problem) for problem in excinfo.value.problems)


def test_a_version_takes_its_dates_from_the_policy(service):
    publish(service, FIRST)
    version = publish(service, SECOND)

    assert (version.revised_on, version.effective_on) == (day("2020-08-07"), day("2020-08-14"))
    assert version.published_at == at("2026-01-10")
    assert version.content_hash == version.content_digest()
    assert TermsVersion.objects.in_force(service, day("2020-08-13")).name == FIRST
    assert TermsVersion.objects.in_force(service, day("2020-08-14")) == version
    assert AuditEntry.objects.filter(action="terms.published").count() == 2


def test_the_same_content_again_is_the_same_version(service):
    assert publish(service, FIRST) == publish(service, FIRST)
    assert AuditEntry.objects.filter(action="terms.published").count() == 1


def test_other_content_under_a_published_name_is_refused(service):
    version = publish(service, FIRST)

    with pytest.raises(PublicationRefused, match="never changes"):
        publish(service, FIRST, text=version.text.replace("当社", "弊社"))

    assert TermsVersion.objects.get().text == version.text


def test_problems_of_policy_and_text_are_told_together(service):
    policy = (FOLDER / f"{FIRST}.toml").read_text(encoding="utf-8")

    with pytest.raises(PublicationRefused) as excinfo:
        publish(service, FIRST, policy_source=policy + "\n[unheard]\nof = 1\n", text="### 第一条\n")

    assert "unheard: unknown name" in problems_of(excinfo)
    assert "text line 1" in problems_of(excinfo)
    assert not TermsVersion.objects.exists()


def test_every_citation_must_be_found_in_the_text(service):
    policy = (FOLDER / f"{FIRST}.toml").read_text(encoding="utf-8")
    assert 'article = "6-1"' in policy

    with pytest.raises(PublicationRefused) as excinfo:
        publish(service, FIRST, policy_source=policy.replace('article = "6-1"', 'article = "6-9"'))

    assert "formation.service_start.article: the text has no '6-9'" in problems_of(excinfo)


def test_versions_take_effect_one_after_the_other(service):
    publish(service, SECOND)

    with pytest.raises(PublicationRefused, match=r"effective.on: must be later than 2020-08-14"):
        publish(service, FIRST)


def test_name_and_expected_date_must_be_those_of_the_policy(service):
    with pytest.raises(PublicationRefused) as excinfo:
        publish(service, FIRST, name="2016-04-01", effective_on=day("2016-04-01"))

    assert "version: the policy is for version '2016-03-01', not '2016-04-01'" in problems_of(excinfo)
    assert "effective.on: the policy takes effect on 2016-03-01" in problems_of(excinfo)


def test_a_draft_becomes_the_published_version(service):
    draft = TermsVersion.objects.create(
        service=service, name=FIRST, title="案", effective_on=day("2016-03-01"), text="", policy_source=""
    )
    draft.title = "案2"
    draft.save()

    version = publish(service, FIRST)

    assert version.pk == draft.pk
    assert version.title == "利用規約"


def test_what_is_published_can_not_be_changed_or_deleted(service):
    version = publish(service, FIRST)
    version.title = "別の題"

    for change in (version.save, version.delete, TermsVersion.objects.all().delete):
        with pytest.raises(PermissionDenied):
            change()
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        TermsVersion.objects.filter(pk=version.pk).update(title="別の題")

    assert TermsVersion.objects.get().title == "利用規約"


def test_a_service_is_saved_once_and_updated_by_its_file(service):
    source = (FOLDER / "service.toml").read_text(encoding="utf-8")
    file = read_service(source)

    assert save_service(file) == service
    assert AuditEntry.objects.filter(action="service.saved").count() == 1
    renamed = read_service(source.replace(file.name.ja, "別の名前", 1))
    save_service(renamed, staff_member())

    service.refresh_from_db()
    assert service.names["ja"] == "別の名前"
    assert AuditEntry.objects.filter(action="service.saved").count() == 2
