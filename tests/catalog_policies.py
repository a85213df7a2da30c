"""Policies of the catalog as they answer: what they leave to agents, the first one states."""

import tomllib
from functools import cache
from pathlib import Path

from contracts.rules.policy.agents import read_agent_rules
from contracts.rules.policy.layer import Layer
from contracts.rules.policy.layers import layered_policy
from contracts.rules.policy.schema import Policy
from contracts.rules.policy.service import layers_at_first

CATALOG = Path(__file__).parents[1] / "contracts" / "catalog"


@cache
def sellers(slug: str) -> tuple[str, ...]:
    """The keys of a service's agents, the first of them first."""
    stated = tomllib.loads((CATALOG / slug / "service.toml").read_text(encoding="utf-8"))
    return tuple(stated.get("agents", ()))


@cache
def agent_layers(slug: str, agent: str) -> tuple[Layer, ...]:
    """The rules of an agent by their days."""
    found = []
    for file in (CATALOG / slug / "agents" / agent).glob("*.toml"):
        if file.name != "agent.toml":
            source, text = (file.with_suffix(end).read_text(encoding="utf-8") for end in (".toml", ".md"))
            header, _rules = read_agent_rules(source)
            stated = (header.title, header.effective_on, source)
            found.append(Layer("agent", *stated, version=header.version, text=text, seller=agent))
    return tuple(sorted(found, key=lambda layer: layer.effective_on))


@cache
def policy_of(file: Path) -> Policy:
    """The policy in a file of the catalog."""
    source, agents = file.read_text(encoding="utf-8"), sellers(file.parent.name)
    rules = agent_layers(file.parent.name, agents[0]) if agents else ()
    return layered_policy(source, layers_at_first(source, rules))


def price_files(slug: str) -> list[Path]:
    """The first price list of a service's provider, or of each of its agents."""
    folders = [CATALOG / slug, *(CATALOG / slug / "agents" / agent for agent in sellers(slug))]
    listed = [sorted((folder / "prices").glob("*.toml")) for folder in folders]
    return [files[0] for files in listed if files]
