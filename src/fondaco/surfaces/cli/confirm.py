"""Money needs two looks: what will happen is shown, and a person types that it shall."""

from collections.abc import Mapping
from typing import Any

import click

from fondaco.core.capability import Caller, Capability, Effect
from fondaco.core.errors import InvalidInput, Refused
from fondaco.core.invoke import invoke
from fondaco.core.view import Block, Card
from fondaco.surfaces.desk import Desk
from fondaco.surfaces.fields import first_required

DIGEST = "digest"


def confirm(
    desk: Desk, cap: Capability, raw: Mapping[str, Any], caller: Caller, *, interactive: bool
) -> None:
    """Return when a MONEY call is confirmed; raises Refused or InvalidInput when it is not.

    Without a terminal a digest stands for the second look: it names exactly what was seen.
    """
    if not interactive:
        if DIGEST in raw:
            return
        raise InvalidInput(
            f"{cap.name} moves money and nobody is there to confirm it",
            remedy=f"Add `--yes`: `fondaco {cap.name.replace('.', ' ')} … --yes`.",
        )
    from fondaco.surfaces.cli.draw import draw
    from fondaco.surfaces.cli.progress import error_console

    draw(preview(desk, cap, raw, caller), error_console())
    word = str(raw.get(first_required(cap) or "", "yes"))
    typed = click.prompt(f"Type {word} to go on", default="", show_default=False, err=True)
    if typed.strip() != word:
        raise Refused(
            "nothing was done: the confirmation was not typed", value=typed[:40], bound=word
        )


def preview(desk: Desk, cap: Capability, raw: Mapping[str, Any], caller: Caller) -> list[Block]:
    """Return what will happen: the noun's own `show` where it has one, and every input."""
    fields = tuple(
        (name, ", ".join(v) if isinstance(v, tuple | list) else str(v)) for name, v in raw.items()
    )
    asked = Card(cap.summary, fields, footer="Nothing has happened yet.")
    noun, name = cap.name.partition(".")[0], first_required(cap)
    show = f"{noun}.show"
    if name is None or show not in desk.catalogue.names:
        return [asked]
    shown = desk.catalogue[show]
    if shown.effect is not Effect.READ or first_required(shown) != name:
        return [asked]
    return [*invoke(desk, shown, {name: raw[name]}, caller).blocks(), asked]
