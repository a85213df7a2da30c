"""A service with lives of contracts, a draft that changes one of its rules, and the lives as played by it."""

import re
from typing import Any

from django.utils import timezone

from contracts.models import LivesRun, Service, TermsVersion
from contracts.publishing.drafts import create_draft, edit_draft_policy
from contracts.publishing.lives import take_lives
from portal.lives.package import digest
from portal.organisations.models import User
from tests.scenes import staff_member

BEFORE, BEYOND = "over-before-the-version", "goes-beyond"
FIRST_DAY = "2027-01-01"


def life(name: str, **expect: Any) -> dict[str, Any]:
    """A customer of twenty users, whose first invoice is paid too late or not at all."""
    events = [
        {
            "at": "2026-10-05T11:00:00+09:00",
            "do": "apply",
            "products": {"user": 20},
            "wanted_on": "2026-11-01",
        },
        {"at": "2026-10-15T11:00:00+09:00", "do": "accept"},
        {"at": "2026-12-03T11:00:00+09:00", "do": "bill", "month": "2026-11"},
    ]
    return {
        "id": name,
        "service": "desknets",
        "kind": "life",
        "given": {"method": "transfer", "events": events},
        "expect": expect,
        "note": "Nine thousand yen a month.",
        "articles": ["sample-9"],
    }


def give_lives(service: Service) -> None:
    """One life that ends in December, and one that is looked at in January, after the due day."""
    before = life(BEFORE, as_of="2026-12-20", charged={"2026-11": 9000}, open=9900)
    beyond = life(BEYOND, as_of="2027-01-20", interest=59, open=9900)
    take_lives(service.pk, {one["id"]: one for one in (before, beyond)})


def next_draft(service: Service, *changes: tuple[str, str], effective_on: str = FIRST_DAY) -> TermsVersion:
    """The last version as the draft of the next one, but for `changes` of its policy."""
    last = service.versions.latest("effective_on")
    draft = create_draft(service, name="next", terms=last.terms, source="terms.md", staff=None)
    policy = last.policy_source.replace(f'version = "{last.name}"', 'version = "next"', 1)
    for old, new in changes:
        assert old in policy, old
        policy = policy.replace(old, new, 1)
    policy = re.sub(r"\bon = [0-9-]+", f"on = {effective_on}", policy, count=1)
    return edit_draft_policy(draft, policy, seen_hash=draft.content_hash, staff=None)


def come_out(name: str, field: str, written: Any, new: Any) -> dict[str, Any]:
    """What the playing says of a life of which one thing comes out otherwise by a draft."""
    expect = {"as_of": "2027-01-20" if name == BEYOND else "2026-12-20", field: new}
    one = {"field": field, "written": written, "old": written, "new": new}
    return {"life": name, "differences": [one], "becomes": expect}


def have_played(draft: TermsVersion, *results: dict[str, Any], staff: User | None = None) -> LivesRun:
    """The lives as if they had been played by a draft as it is now, with what came out otherwise."""
    count = draft.service.lives.count() * 2
    values = {
        "digest": digest(draft),
        "asked_by": staff or staff_member(),
        "asked_at": timezone.now(),
        "done": count,
        "of": count,
        "results": list(results),
        "finished_at": timezone.now(),
        "trouble": "",
    }
    return LivesRun.objects.update_or_create(version=draft, defaults=values)[0]
