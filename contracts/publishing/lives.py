"""Whole lives of contracts, played without a draft of the terms and with it before the draft is published.

Those that end before the draft's first day must come out as before. Those that go beyond it may come out
otherwise, once somebody accepted that; from the publication on the accepted outcome is what is expected.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contracts.deciding.guards import field_error
from contracts.extensions.registered import life_player
from contracts.models import AcceptedOutcome, ExampleLife, LivesRun, TermsVersion
from contracts.publishing.publish import publication_problems
from contracts.wording.formats import day_text
from contracts.wording.problems import problem_texts
from portal.audit.record import record
from portal.organisations.models import User

PLAYS = 2
"""How often each life is played: without the draft, and with it."""


class State(models.TextChoices):
    """How far the lives are played by what a draft is now."""

    NOT_NEEDED = "not_needed", gettext_lazy("nothing to play: there are no lives, or no version before")
    NOT_PLAYED = "not_played", gettext_lazy("not played yet")
    OUTDATED = "outdated", gettext_lazy("played by something else than what stands now")
    UNDER_WAY = "under_way", gettext_lazy("being played")
    STOPPED = "stopped", gettext_lazy("stopped by a failure")
    PLAYED = "played", gettext_lazy("played")


@dataclass(frozen=True)
class Difference:
    """One thing that is true in the end: as it is written, without the draft, and with it."""

    field: str
    written: Any
    old: Any
    new: Any


@dataclass(frozen=True)
class PlayedLife:
    """A life that comes out otherwise than it is written, or than without the draft.

    `becomes` is what it has to expect once its outcome is accepted; None where it can't be played.
    """

    name: str
    events: Sequence[Mapping[str, Any]]
    as_of: date
    note: str
    articles: tuple[str, ...]
    differences: tuple[Difference, ...]
    becomes: Mapping[str, Any] | None
    crosses: bool
    accepted: AcceptedOutcome | None = None

    @property
    def changed(self) -> tuple[Difference, ...]:
        """What the draft changes."""
        return tuple(one for one in self.differences if one.old != one.new)

    @property
    def digest(self) -> str:
        """The SHA-256, in hexadecimal, of what somebody sees who accepts it."""
        seen = [self.name, [[one.field, one.old, one.new] for one in self.changed]]
        return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class LivesCheck:
    """How the `count` lives of a service come out by a draft; `lives` are those to be looked at."""

    state: State
    run: LivesRun | None
    count: int
    lives: tuple[PlayedLife, ...] = ()

    @property
    def goes_on(self) -> bool:
        return self.state == State.UNDER_WAY

    @property
    def changed(self) -> list[PlayedLife]:
        """The lives that the draft changes."""
        return [life for life in self.lives if life.changed]

    @property
    def too_early(self) -> list[PlayedLife]:
        """Those of them that end before the draft's first day: nothing of them may change."""
        return [life for life in self.changed if not life.crosses]

    @property
    def open(self) -> list[PlayedLife]:
        """Those of them that somebody has to accept."""
        return [life for life in self.changed if life.crosses and life.accepted is None]

    @property
    def unlike_written(self) -> list[PlayedLife]:
        """The lives that come out otherwise than they are written without the draft already."""
        return [life for life in self.lives if any(one.old != one.written for one in life.differences)]

    @property
    def unchanged(self) -> int:
        return self.count - len(self.changed)

    @property
    def problems(self) -> list[str]:
        """Why the draft can't be published as yet, as far as its lives go."""
        if self.state == State.NOT_NEEDED:
            return []
        if self.state != State.PLAYED:
            return [_("The lives of contracts: %(state)s. Play them first.") % {"state": self.state.label}]
        return [*map(_too_early, self.too_early), *self._open()]

    def _open(self) -> Iterator[str]:
        if names := ", ".join(life.name for life in self.open):
            text = ngettext(
                "A life of a contract comes out otherwise and is not accepted: %(names)s.",
                "%(count)s lives of contracts come out otherwise and are not accepted: %(names)s.",
                len(self.open),
            )
            yield text % {"count": len(self.open), "names": names}


def _too_early(life: PlayedLife) -> str:
    text = _(
        "The life %(name)s ends on %(day)s, before the version takes effect, and must not change: %(what)s."
    )
    fields = ", ".join(one.field or _("can't be played") for one in life.changed)
    return text % {"name": life.name, "day": day_text(life.as_of), "what": fields}


def check_lives(draft: TermsVersion) -> LivesCheck:
    """How far the lives of a draft's service are played by what it is now, and how they come out."""
    player = life_player()
    lives = {life.name: life for life in ExampleLife.objects.filter(service=draft.service_id)}
    before = TermsVersion.objects.published().filter(service=draft.service_id).exclude(pk=draft.pk)
    if player is None or not lives or not before.exists():
        return LivesCheck(State.NOT_NEEDED, None, len(lives))
    run = LivesRun.objects.filter(version=draft.pk).first()
    if run is None:
        return LivesCheck(State.NOT_PLAYED, None, len(lives))
    if run.trouble:
        return LivesCheck(State.STOPPED, run, len(lives))
    if run.finished_at is None:
        return LivesCheck(State.UNDER_WAY, run, len(lives))
    if run.digest != player.digest(draft):
        return LivesCheck(State.OUTDATED, run, len(lives))
    first_day = draft.policy.effective.on
    found = (_played(result, lives[result["life"]], first_day) for result in run.results)
    return LivesCheck(State.PLAYED, run, len(lives), tuple(_with_acceptance(draft, found)))


def _played(result: Mapping[str, Any], life: ExampleLife, first_day: date) -> PlayedLife:
    as_of = date.fromisoformat(life.source["expect"]["as_of"])
    return PlayedLife(
        name=life.name,
        events=life.source["given"]["events"],
        as_of=as_of,
        note=life.source.get("note", ""),
        articles=tuple(life.source.get("articles", ())),
        differences=tuple(Difference(**one) for one in result["differences"]),
        becomes=result["becomes"],
        crosses=as_of >= first_day,
    )


def _with_acceptance(draft: TermsVersion, lives: Iterator[PlayedLife]) -> Iterator[PlayedLife]:
    given = draft.accepted_outcomes.select_related("accepted_by")
    accepted = {(one.life, one.seen): one for one in given}
    for life in lives:
        yield replace(life, accepted=accepted.get((life.name, life.digest)))


@transaction.atomic
def play_lives(draft: TermsVersion, staff: User, at: datetime) -> LivesRun:
    """Have the lives of a draft's service played in the background, by the draft as it is now.

    ValidationError for a draft that can't be published as it is, and where there is nothing to play. One
    that is under way begins anew.
    """
    locked = TermsVersion.objects.select_for_update(of=("self",)).select_related("service").get(pk=draft.pk)
    problems = publication_problems(
        locked.service, name=locked.name, text=locked.text, policy_source=locked.policy_source
    )
    if locked.published_at or problems:
        raise ValidationError(problem_texts(problems, locked.text) or _("This version is published."))
    player, check = life_player(), check_lives(locked)
    if player is None or check.state == State.NOT_NEEDED:
        raise ValidationError(_("There is nothing to play."))
    asked = {
        "digest": "",
        "asked_by": staff,
        "asked_at": at,
        "done": 0,
        "of": check.count * PLAYS,
        "results": [],
        "finished_at": None,
        "trouble": "",
        "worker": "",
        "leased_until": None,
    }
    run, _new = LivesRun.objects.update_or_create(version=locked, defaults=asked)
    record(
        "terms.lives_asked", staff, locked, service=locked.service.slug, name=locked.name, lives=check.count
    )
    transaction.on_commit(lambda: player.soon(run.pk))
    return run


@transaction.atomic
def accept_outcome(
    draft: TermsVersion, life: str, reason: str, staff: User, at: datetime, *, seen: str
) -> AcceptedOutcome:
    """Accept that a life which goes beyond the draft's first day comes out otherwise by it.

    `seen` is the digest of both outcomes as staff saw them. ValidationError without a reason (`reason`), and
    where there is no such outcome to accept any more.
    """
    locked = TermsVersion.objects.select_for_update(of=("self",)).select_related("service").get(pk=draft.pk)
    if not reason.strip():
        raise field_error("reason", _("Say why this outcome is right."), "missing")
    waiting = [] if locked.published_at else check_lives(locked).changed
    found = next((one for one in waiting if one.name == life and one.digest == seen), None)
    if found is None or not found.crosses or found.becomes is None:
        raise ValidationError(_("There is no such outcome to accept any more. Look at it as it stands now."))
    accepted, _new = AcceptedOutcome.objects.update_or_create(
        version=locked,
        life=life,
        defaults={"seen": seen, "reason": reason.strip(), "accepted_by": staff, "accepted_at": at},
    )
    record(
        "terms.outcome_accepted",
        staff,
        locked,
        service=locked.service.slug,
        name=locked.name,
        life=life,
        seen=seen,
        personal={"reason": accepted.reason},
    )
    return accepted


def keep_accepted(version: TermsVersion, lives: Sequence[PlayedLife]) -> None:
    """Let lives expect from now on what was accepted of them when a version was published."""
    for life in lives:
        kept = ExampleLife.objects.select_for_update().get(service=version.service_id, name=life.name)
        kept.source = {**kept.source, "expect": life.becomes}
        kept.accepted_for = version
        kept.save(update_fields=["source", "accepted_for"])


@transaction.atomic
def take_lives(service_pk: int, lives: Mapping[str, Mapping[str, Any]]) -> None:
    """Store the lives that a catalog brings, by name; those of which staff accepted an outcome stay."""
    known = {life.name: life for life in ExampleLife.objects.filter(service=service_pk)}
    for name, source in lives.items():
        life = known.get(name) or ExampleLife(service_id=service_pk, name=name)
        if life.accepted_for_id is None and life.source != source:
            life.source = dict(source)
            life.save()
    dropped = ExampleLife.objects.filter(service=service_pk, accepted_for__isnull=True)
    dropped.exclude(name__in=lives).delete()
