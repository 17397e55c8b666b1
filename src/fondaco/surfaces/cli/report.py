"""What a command prints: one JSON document, or blocks; errors with the next command to try."""

import json
import re
import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import click

from fondaco.core.errors import ErrorBody, FondacoError, InvalidInput, Unavailable, told
from fondaco.core.view import Block

_COMMAND = re.compile(r"`[^`]*\bfondaco ")


def print_json(data: Any) -> None:
    """Print plain data as one JSON document; NaN and infinity are never written."""
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower().replace("-", "")
    text = json.dumps(data, indent=2, ensure_ascii=not encoding.startswith("utf"), allow_nan=False)
    click.echo(text)


def print_blocks(blocks: Iterable[Block]) -> None:
    """Draw blocks on standard output."""
    from fondaco.surfaces.cli.draw import draw, output_console

    draw(blocks, output_console())


def print_error(error: Exception, *, as_json: bool, advice: str = "") -> int:
    """Say what went wrong and what to try next; return the exit code.

    With `--json` the error is the one document on standard output: a program reads one stream,
    and the exit code tells which of the two it got.
    """
    body = told(error)
    remedy = _with_command(body, advice)
    if as_json:
        print_json(asdict(body) | {"remedy": remedy})
    else:
        from fondaco.core.text import visible

        stem = body.message.removesuffix(body.remedy or "").rstrip()
        click.echo(visible(f"Error: {stem} {remedy}"), err=True)
    return error.exit_code if isinstance(error, FondacoError) else 1


def _with_command(body: ErrorBody, advice: str) -> str:
    remedy = body.remedy or ""
    if _COMMAND.search(remedy) or not advice:
        return remedy
    return f"{remedy} Try `{advice}`.".strip()


def advice_for(name: str, references: Iterable[str], error: FondacoError) -> str:
    """Return the next command to try after an error of a capability.

    >>> advice_for("cards.show", ["cards.list", "cards.show"], FondacoError("gone"))
    'fondaco cards list'
    """
    known = set(references)
    noun = name.partition(".")[0]
    if isinstance(error, Unavailable) and "doctor" in known:
        return "fondaco doctor"
    if not isinstance(error, InvalidInput):
        for sibling in (f"{noun}.list", f"{noun}.show"):
            if sibling in known and sibling != name:
                return f"fondaco {sibling.replace('.', ' ')}"
    return f"fondaco {name.replace('.', ' ')} --help"
