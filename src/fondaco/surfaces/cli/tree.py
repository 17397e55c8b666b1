"""The tree of commands: nouns, then verbs, each loaded when it is entered."""

import click

from fondaco.surfaces.cli.parts import Parts
from fondaco.surfaces.cli.programs import program_commands
from fondaco.surfaces.cli.summary import summary_of

NAME = "fondaco"
ABOUT = "A trading desk: prices become trade cards that guardrails judge and a person approves."
EPILOG = (
    "Every command takes --json (the whole result and nothing else) and --help. "
    "Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 not available now."
)


def build_cli(parts: Parts) -> click.Group:
    """Return the whole command line; raises ValueError when a name stands for two things."""
    programs = program_commands(parts)
    if twice := set(programs) & {name.partition(".")[0] for name in parts.references}:
        raise ValueError(f"a program and a capability are both called {sorted(twice)}")
    return click.version_option(package_name="fondaco")(Root(parts, programs))


class Branch(click.Group):
    """A group that says which names are near when it is asked for one it does not have."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; raises NoSuchCommand with near names."""
        known = self.list_commands(ctx)
        wanted = args[0]
        if not (wanted.startswith("-") or wanted in known or ctx.resilient_parsing):
            raise click.exceptions.NoSuchCommand(
                wanted, possibilities=_near(wanted, known), ctx=ctx
            )
        return super().resolve_command(ctx, args)


class Root(Branch):
    """`fondaco`: lists everything from names alone."""

    def __init__(self, parts: Parts, programs: dict[str, click.Command]) -> None:
        super().__init__(NAME, help=ABOUT, epilog=EPILOG)
        self._parts = parts
        self._programs = programs

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the nouns, the one-word capabilities and the programs."""
        nouns = {name.partition(".")[0] for name in self._parts.references}
        return [*sorted(nouns), *self._programs]

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        """Return a noun's group, a one-word capability or a program."""
        if cmd_name in self._programs:
            return self._programs[cmd_name]
        if cmd_name in self._parts.references:
            return _loaded(self._parts, cmd_name, cmd_name)
        verbs = [n for n in self._parts.references if n.startswith(f"{cmd_name}.")]
        return Noun(self._parts, cmd_name, verbs) if verbs else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands in two sections without loading any of them."""
        names = [n for n in self.list_commands(ctx) if n not in self._programs]
        for title, rows in (
            ("Capabilities", [(name, self._words(name)) for name in names]),
            ("Programs", [(n, c.get_short_help_str(200)) for n, c in self._programs.items()]),
        ):
            with formatter.section(title):
                formatter.write_dl(rows)

    def _words(self, name: str) -> str:
        references = self._parts.references
        if name in references:
            return summary_of(references[name])
        return ", ".join(
            n.partition(".")[2] for n in sorted(references) if n.startswith(f"{name}.")
        )


class Noun(Branch):
    """`fondaco cards`: the verbs of one noun, loaded now that it is entered."""

    def __init__(self, parts: Parts, noun: str, names: list[str]) -> None:
        super().__init__(noun, help=f"What can be asked about {noun}.")
        self._parts = parts
        self._names = {name.partition(".")[2]: name for name in sorted(names)}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the verbs."""
        return list(self._names)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        """Return a verb's command."""
        if cmd_name not in self._names:
            return None
        return _loaded(self._parts, self._names[cmd_name], cmd_name)


def _loaded(parts: Parts, name: str, leaf: str) -> click.Command:
    from fondaco.core.capability import Catalogue
    from fondaco.surfaces.cli.command import command_for

    return command_for(Catalogue(parts.references)[name], leaf, parts)


def _near(wanted: str, known: list[str]) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(wanted, known, n=3, cutoff=0.5)
