"""The worked example of a capability, read from its docstring."""

import shlex

from fondaco.core.capability import Capability
from fondaco.surfaces.fields import Input, inputs_of

MARK = "Example:"


def body_of(cap: Capability) -> str:
    """Return the docstring without its example."""
    return cap.doc.partition(MARK)[0].strip()


def example_line(cap: Capability) -> str:
    """Return the command line of the example, empty where there is none."""
    lines = cap.doc.partition(MARK)[2].strip().splitlines()
    return lines[0].strip() if lines else ""


def example_inputs(cap: Capability) -> dict[str, object] | None:
    """Return the example's inputs, or None when it is not one plain command.

    Values stay text, as a caller over HTTP may also write them.
    """
    line = example_line(cap)
    if not line or any(sign in line for sign in "$|<>;&`"):
        return None
    words = shlex.split(line)[1 + len(cap.name.split(".")) :]
    known = {i.option: i for i in inputs_of(cap)}
    positional = [i for i in known.values() if i.required][:1]
    return _read(words, known, positional)


def _read(
    words: list[str], known: dict[str, Input], positional: list[Input]
) -> dict[str, object] | None:
    given: dict[str, object] = {}
    rest = iter(words)
    for word in rest:
        name, _, value = word.partition("=")
        if not word.startswith("--"):
            if not positional:
                return None
            _put(given, positional[0], word)
        elif name in known and known[name].flag:
            given[known[name].name] = True
        elif name.replace("--no-", "--") in known and name not in known:
            given[known[name.replace("--no-", "--")].name] = False
        elif name in known:
            _put(given, known[name], value or next(rest, ""))
    return given


def _put(given: dict[str, object], field: Input, value: str) -> None:
    if not field.many:
        given[field.name] = value
        return
    earlier = given.get(field.name)
    given[field.name] = [*(earlier if isinstance(earlier, list) else []), value]
