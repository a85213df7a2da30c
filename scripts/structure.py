"""How the code is laid out: modules a folder, the longest chain of imports, cycles.

An import counts where the program makes it, inside functions too. What stands under TYPE_CHECKING is there
for the type checker alone: nothing is loaded by it, so it is no link. A package counts as one module, by what
its `__init__.py` imports.

Usage: .venv/bin/python scripts/structure.py, from the project's root
"""

import sys
from collections import Counter
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp

PACKAGES = ("portal", "contracts", "billing")
ROOT = Path(__file__).resolve().parent.parent

FOUND_IN = {"contracts.requests.registry": "contracts.requests.kinds"}
"""Who looks modules up in a package when the program starts: as good as importing them."""

Imports = Mapping[str, set[str]]
"""For each module those that it imports; migrations are left out."""


def imports() -> Imports:
    sys.path.insert(0, str(ROOT))
    graph = grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True)
    modules = {module for module in graph.modules if ".migrations" not in module}
    found = {module: graph.find_modules_directly_imported_by(module) & modules for module in modules}
    for finder, package in FOUND_IN.items():
        found[finder] |= graph.find_children(package)
    return found


def modules_by_folder() -> Counter[str]:
    """How many modules lie in each folder, beside its `__init__.py`; migrations are left out."""
    files = (file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
    folders = (file.parent.relative_to(ROOT).as_posix() for file in files if file.name != "__init__.py")
    return Counter(folder for folder in folders if not folder.endswith("migrations"))


def cycle(found: Imports) -> list[str]:
    """Modules that import one another in a circle; none if there is no circle."""
    try:
        TopologicalSorter(found).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def longest_chain(found: Imports) -> list[str]:
    """The longest way down from module to imported module. Raises graphlib.CycleError."""
    chains: dict[str, list[str]] = {}
    for module in TopologicalSorter(found).static_order():
        below = max((chains[imported] for imported in found[module]), key=len, default=[])
        chains[module] = [module, *below]
    return max(chains.values(), key=len)


def main() -> None:
    found = imports()
    lines = [f"{count:4} {folder}" for folder, count in modules_by_folder().most_common()]
    circle = cycle(found)
    if circle:
        lines += ["", "a circle of imports:", *(f"  {module}" for module in circle)]
    else:
        chain = longest_chain(found)
        lines += ["", f"the longest chain of imports: {len(chain)}", *(f"  {module}" for module in chain)]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
