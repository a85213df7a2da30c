"""E-mails about what happens to a contract after it has begun: requests, stops, ends, reminders.

They go to the people of the organisation that is the customer now, and to whom the terms name beside them, in
the language of the application.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from contracts.correspondence.addressees import named, told_as_party, told_of, told_of_steps
from contracts.correspondence.letter_contents import last_day_text
from contracts.correspondence.sending import (
    Context,
    application_url,
    composed,
    contract_url,
    people_of,
    queue,
    request_url,
    staff_request_url,
)
from contracts.extensions.kinds import passes_on
from contracts.models import Application, Contract, ContractRequest, IssuedLetter, RequestMessage, Suspension
from contracts.models.request import RequestDecision
from contracts.wording.dated_lines import cited, dated_lines
from contracts.wording.explain import explain
from contracts.wording.formats import day_text
from contracts.wording.products import product_lines
from contracts.wording.reasons import request_refusal, suspension_reason
from portal.organisations.acting import acts_for

Kind = IssuedLetter.Kind


def request_received(request_pk: int) -> None:
    """Confirm that a request arrived: its number, and the dates that it leads to."""
    _about_request("request_received", request_pk, Kind.CANCELLATION_RECEIPT, Kind.REFUSAL)


def request_decided(request_pk: int) -> None:
    """Tell whether a request is accepted or refused, and the dates."""
    _about_request("request_decided", request_pk, Kind.ACCEPTANCE, Kind.REFUSAL)


def request_completed(request_pk: int) -> None:
    """The notice of completion (設定完了通知): the change can be used from now on."""
    _about_request("request_completed", request_pk, Kind.COMPLETION)


def request_withdrawn(request_pk: int) -> None:
    """Confirm that a request was taken back."""
    _about_request("request_withdrawn", request_pk)


def question_asked(message_pk: int) -> None:
    """Pass a question of staff on to the customer."""
    message = RequestMessage.objects.select_related("request").get(pk=message_pk)
    _about_request("question_asked", message.request_id, question=message.text)


def question_answered(message_pk: int) -> None:
    """Tell the provider that a question was answered."""
    message = RequestMessage.objects.select_related("request__contract__application__service__provider").get(
        pk=message_pk
    )
    to = message.request.contract.application.service.provider.email
    _about_request("question_answered", message.request_id, answer=message.text, to=[to])


def _about_request(
    name: str, request_pk: int, *kinds: IssuedLetter.Kind, to: list[str] | None = None, **more: str
) -> None:
    request = ContractRequest.objects.select_related(
        "contract__application__organisation",
        "contract__application__service__provider",
        "contract__organisation",
        "terms_version__service",
        "requested_by",
    ).get(pk=request_pk)
    contract = request.contract

    def context() -> dict[str, Any]:
        return {**_facts_of(request), **more}

    issued = request.letters.filter(kind__in=kinds) if kinds else ()
    url = staff_request_url(request) if to else request_url(request)
    people = to or list(dict.fromkeys(_told(request)))
    _about_contract(name, contract, context, about=request, url=url, to=people, letters=issued)


def change_accepted_text(request: ContractRequest) -> tuple[str, str]:
    """Subject and text of the acceptance that forms a change by being sent."""
    contract = request.contract

    def context() -> dict[str, Any]:
        forms = {"forms": True, "organisation": contract.organisation, "person": ""}
        return {**forms, **_facts_of(request)}

    return composed("request_decided", contract.application, request_url(request), context)


def told_of_change(request: ContractRequest) -> list[str]:
    """The addresses that the acceptance of a change goes to; its moment is that of the first one."""
    contract = request.contract
    people = dict.fromkeys([*named(contract, "acceptance"), *_told(request)])
    return list(people) or [contract.organisation.invoice_email]


def _facts_of(request: ContractRequest) -> dict[str, Any]:
    """What e-mails say of a request and of what was decided about it."""
    version = request.governing_version
    decided = cast(RequestDecision, request.decided)
    refused_by_staff = request.status == request.Status.REFUSED and request.decided_by_id is not None
    product = [(request.product, request.quantity)] if request.product else []
    return {
        "request": request,
        "contract": request.contract,
        "wanted": day_text(request.wanted_on) if request.wanted_on else "",
        "items": product_lines(version.policy, product),
        # Where staff refuse what the rules allow, their dates do not come about.
        "lines": [] if refused_by_staff else dated_lines(decided, version, planned=request.is_planned),
        "reason": request_refusal(request) if refused_by_staff else None,
        "other_than_asked": not refused_by_staff and decided.outcome != "accepted",
        "steps": explain(decided, version).steps,
    }


def _told(request: ContractRequest) -> Iterator[str]:
    """Who asked, and those who act for the contract.

    What becomes of a request is nothing to who asked for it before the contract passed on, but for the one
    that did it.
    """
    contract = request.contract
    asked_by = request.requested_by
    if (
        asked_by
        and asked_by.is_active
        and (passes_on(request.kind) or acts_for(asked_by, contract.organisation))
    ):
        yield asked_by.email
    yield from told_of(contract)


def service_stopped(suspension_pk: int, letter_pk: int) -> None:
    """Tell that the service is suspended or paused: the reason and the period, with the letter."""
    _about_stop("service_stopped", suspension_pk, letters=IssuedLetter.objects.filter(pk=letter_pk))


def service_resumes(suspension_pk: int) -> None:
    """Tell when the service goes on."""
    _about_stop("service_resumes", suspension_pk)


def _about_stop(name: str, suspension_pk: int, **more: Any) -> None:
    stop = Suspension.objects.select_related(
        "contract__application__service__provider", "contract__organisation", "terms_version__service"
    ).get(pk=suspension_pk)
    contract = stop.contract
    version = stop.governing_version

    def context() -> dict[str, Any]:
        product, reason = [(stop.product, 0)] if stop.product else [], suspension_reason(stop, version)
        return {
            "contract": contract,
            "stop": stop,
            "reason": reason,
            "articles": cited(version, reason.articles) if reason else "",
            "items": product_lines(version.policy, product),
            "starts": day_text(stop.starts_on),
            "ends": last_day_text(stop),
        }

    _about_contract(name, contract, context, **more)


def provider_letter(letter_pk: int) -> None:
    """Send a letter of the provider on a contract: a demand to cure, the notice of an end."""
    letter = IssuedLetter.objects.select_related(
        "contract__application__service__provider", "contract__organisation"
    ).get(pk=letter_pk)
    contract = letter.contract
    if contract is None:
        raise ValueError(f"letter {letter.number} is about no contract")
    stated = {name: letter.document[name] for name in ("reason", "facts")}
    _about_contract(
        f"letter_{letter.kind}",
        contract,
        lambda: {"contract": contract, "letter": letter, **stated},
        letters=[letter],
    )


def letter_again(letter_pk: int) -> None:
    """Send a letter of any kind once more to those who act for its organisation."""
    letter = IssuedLetter.objects.select_related(
        "contract__application__service__provider",
        "application__service__provider",
        "organisation",
    ).get(pk=letter_pk)
    contract = letter.contract
    application = contract.application if contract else letter.application
    if application is None:
        raise ValueError(f"letter {letter.number} is about nothing")
    url = contract_url(contract) if contract else application_url(application)
    queue(
        "letter_again",
        application,
        letter,
        url,
        lambda: {"letter": letter, "organisation": letter.organisation, "issued": day_text(letter.issued_on)},
        to=told_as_party(contract, letter.organisation)
        if contract
        else people_of(letter.organisation, about=None),
        letters=[letter],
    )


def application_withdrawn(application_pk: int) -> None:
    """Confirm that an application was withdrawn, and say whether costs follow."""
    application = Application.objects.select_related("service__provider", "organisation", "applicant").get(
        pk=application_pk
    )
    contract = Contract.objects.filter(application=application).first()
    costs = contract is not None and contract.tasks.filter(kind="enter_costs").exists()
    url = application_url(application)
    to = told_of_steps(contract) if contract else ()
    queue("application_withdrawn", application, application, url, lambda: {"costs": costs}, to=to)


def reminder(
    name: str, contract: Contract, context: Context, to: Sequence[str], key: str, data: Mapping[str, Any]
) -> None:
    """A reminder by the template of a name, once to each address for the same `key`."""

    def values() -> dict[str, Any]:
        return {"contract": contract, **context()}

    _about_contract(name, contract, values, to=to, key=key, data=data)


def tell(kind: str, contract: Contract, context: Context) -> None:
    """Tell of one thing about a contract: its `headline`, its `message`, and `lines` of dates."""
    _about_contract(kind, contract, lambda: {"contract": contract, **context()}, template="told")


def _about_contract(
    name: str,
    contract: Contract,
    context: Context,
    *,
    about: Contract | ContractRequest | None = None,
    url: str = "",
    to: Sequence[str] = (),
    **more: Any,
) -> None:
    def values() -> dict[str, Any]:
        return {"organisation": contract.organisation, "person": "", **context()}

    people = to or told_of(contract)
    queue(
        name,
        contract.application,
        about or contract,
        url or contract_url(contract),
        values,
        to=people,
        **more,
    )
