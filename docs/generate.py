"""Write the generated reference: capabilities, command line, kinds of data, settings.

`make docs` runs it; a test fails when what it would write is not what stands there.
"""

import sys
import types
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from fondaco.catalogue import CAPABILITIES
from fondaco.core.capability import Capability, Catalogue, Effect
from fondaco.core.settings import Settings
from fondaco.market.kinds import KINDS, In

REFERENCE = Path(__file__).parent / "reference"
EFFECTS = {
    Effect.READ: "reads only",
    Effect.WRITE: "changes the desk's own records",
    Effect.MONEY: "can move money: a person only, never over MCP",
}


def type_words(annotation: Any) -> str:
    """Return a type in words a user knows."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return type_words(get_args(annotation)[0])
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in get_args(annotation))
    if origin in {Union, types.UnionType}:
        return " or ".join(
            dict.fromkeys(type_words(a) for a in get_args(annotation) if a is not type(None))
        )
    if origin is tuple:
        return f"{type_words(get_args(annotation)[0])}, repeatable"
    words = {
        "str": "text",
        "int": "whole number",
        "float": "number",
        "Decimal": "exact number",
        "date": "date",
        "datetime": "time",
        "bool": "yes or no",
        "UUID": "id",
    }
    return words.get(getattr(annotation, "__name__", ""), getattr(annotation, "__name__", "text"))


def input_rows(cap: Capability) -> list[str]:
    """Return a table row for each input of a capability."""
    rows = []
    for name, field in cap.public_fields().items():
        default = "required" if field.is_required() else f"`{field.get_default()}`"
        rows.append(
            f"| `{name}` | {type_words(field.annotation)} | {default} | {field.description or ''} |"
        )
    return rows


def capability_page(catalogue: Catalogue) -> str:
    """Return the reference of every capability."""
    lines = [
        "# Capabilities",
        "",
        "What the outside may ask for. Each is one definition, offered as a command, as a "
        "route under `/api/v1` and, unless it can move money, as an MCP tool.",
        "",
    ]
    for cap in sorted(catalogue, key=lambda c: c.name):
        body, _, example = cap.doc.partition("Example:")
        lines += [f"## {cap.name}", "", body.strip(), "", f"*{EFFECTS[cap.effect]}*", ""]
        if rows := input_rows(cap):
            lines += ["| input | type | default | meaning |", "|---|---|---|---|", *rows, ""]
        method = "GET" if cap.effect is Effect.READ else "POST"
        lines += [
            "```text",
            example.strip(),
            "```",
            "",
            f"`{method} /api/v1/{cap.name.replace('.', '/')}`",
            "",
        ]
    return "\n".join(lines)


def cli_page(catalogue: Catalogue) -> str:
    """Return the reference of the command line."""
    lines = [
        "# Command line",
        "",
        "Nouns, then verbs. Every command takes `--json` (the whole result and nothing else) "
        "and `--help`. Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 not "
        "available now.",
        "",
        "| command | what it does |",
        "|---|---|",
    ]
    lines += [
        f"| `fondaco {cap.name.replace('.', ' ')}` | {cap.summary} |"
        for cap in sorted(catalogue, key=lambda c: c.name)
    ]
    lines += [
        "| `fondaco up` | Set up, load, run the first cycle and serve the terminal. |",
        "| `fondaco mcp` | Serve MCP over standard input and output. |",
        "",
    ]
    return "\n".join(lines)


def settings_page() -> str:
    """Return the reference of the settings."""
    lines = [
        "# Settings",
        "",
        "Read from the environment. `fondaco doctor` shows what is in force.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        if field.default_factory is not None:
            default = "the platform's data folder"
        else:
            default = "none" if field.default is None else f"`{field.default}`"
        lines.append(f"| `FONDACO_{name.upper()}` | {default} | {field.description} |")
    return "\n".join([*lines, ""])


TYPES = {
    "String": "text",
    "Float64": "number",
    "Int64": "whole number",
    "Boolean": "yes or no",
    "Date": "day",
}


def bounds_words(holds: In) -> str:
    """Return what may stand in a column: its words, or between which numbers it lies."""
    if holds.one_of:
        return ", ".join(f"`{word}`" for word in holds.one_of)
    if holds.low is None and holds.high is None:
        return ""
    low = "" if holds.low is None else f"{holds.low:g}"
    high = "" if holds.high is None else f"{holds.high:g}"
    return f"{low} to {high}"


def kinds_page() -> str:
    """Return the reference of the kinds of data: each column with its unit and bounds."""
    lines = [
        "# Kinds of data",
        "",
        "What the store keeps beside daily bars (`bars_1d`). Every row has `ts` (when it "
        "happened), `known_at` (when it could be known) and `source`. A row outside its bounds "
        "is set aside. "
        "`fondaco market rows KIND` shows rows as they were known at a time.",
        "",
    ]
    for kind in sorted(KINDS.values(), key=lambda kind: kind.name):
        key = ", ".join(f"`{name}`" for name in kind.key)
        lines += [f"## {kind.name}", "", kind.says, "", f"One row for each: {key}.", ""]
        lines += ["| column | type | holds | between | |", "|---|---|---|---|---|"]
        for column in kind.columns:
            words = TYPES.get(str(column.dtype), "time in UTC")
            needed = "required" if column.required else "may be empty"
            holds, limits = column.holds.unit, bounds_words(column.holds)
            lines.append(f"| `{column.name}` | {words} | {holds} | {limits} | {needed} |")
        lines.append("")
    return "\n".join(lines)


def pages() -> dict[str, str]:
    """Return every generated page by file name."""
    catalogue = Catalogue(CAPABILITIES)
    return {
        "capabilities.md": capability_page(catalogue),
        "cli.md": cli_page(catalogue),
        "kinds.md": kinds_page(),
        "settings.md": settings_page(),
    }


def main() -> None:
    """Write the pages."""
    REFERENCE.mkdir(exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text)
        sys.stdout.write(f"wrote docs/reference/{name}\n")


if __name__ == "__main__":
    main()
