"""What a task is about, in words."""

from datetime import date

from django.utils.translation import gettext as _

from contracts.models import IssuedLetter, Task
from contracts.wording.formats import day_text, yen_text
from contracts.wording.local_text import localised
from contracts.wording.products import product_lines


def task_details(task: Task) -> str:
    """The details that a task keeps; empty where its kind says it all."""
    match task.kind:
        case Task.Kind.CURE_PERIOD:
            said = _("%(ground)s (counted from %(day)s)") % {
                "ground": _ground(task),
                "day": _day(task.detail["since_on"]),
            }
            more = (task.detail.get(name, "") for name in ("evidence", "note"))
            return " ".join(filter(None, (said, *more)))
        case Task.Kind.DEVICE_RETURN:
            (line,) = product_lines(task.governing_version.policy, [(task.detail["product"], 1)])
            return _("%(device)s, replaced on %(day)s, list price %(price)s") % {
                "device": line.name,
                "day": _day(task.detail["received_on"]),
                "price": yen_text(task.detail["list_price"]),
            }
        case Task.Kind.DEVICE_DISPATCH:
            ordered = [(task.detail["product"], task.detail["quantity"])]
            (line,) = product_lines(task.governing_version.policy, ordered)
            sent_on = task.detail.get("dispatched_on")
            said = f"{line.name} × {line.quantity} {line.unit}"
            return f"{said} {_('Sent on')} {_day(sent_on)}" if sent_on else said
        case Task.Kind.POST_ACCEPTANCE:
            letter = IssuedLetter.objects.filter(number=task.detail["letter"]).first()
            return f"{letter.title} {letter.number}" if letter else ""
        case Task.Kind.ENTER_COSTS | Task.Kind.ENTER_FEE if task.detail.get("request"):
            return _("Request %(number)s") % {"number": task.detail["request"]}
    return ""


def _ground(task: Task) -> str:
    rule = task.governing_version.policy.termination
    grounds = {ground.key: ground for ground in rule.grounds} if rule else {}
    ground = grounds.get(task.detail["ground"])
    return localised(ground.text) if ground else task.detail["ground"]


def _day(stored: str) -> str:
    return day_text(date.fromisoformat(stored))
