"""The commands beside the catalogue: up, serve, mcp, down, completion."""

from typing import Literal

import click

from fondaco.surfaces.cli.parts import Parts

SHELLS = ("bash", "zsh", "fish")
COMPLETE_VARIABLE = "_FONDACO_COMPLETE"


def program_commands(parts: Parts) -> dict[str, click.Command]:
    """Return the commands that run or stop the desk itself."""
    programs = parts.programs

    def up(prepare_only: bool) -> None:
        from fondaco.surfaces.cli.progress import Steps

        with Steps() as steps:
            programs.prepare(steps)
        if not prepare_only:
            programs.serve()

    only = click.Option(["--prepare-only"], is_flag=True, help="set up, and do not serve")
    commands = [
        click.Command(
            "up",
            callback=up,
            params=[only],
            help="Set up, load, run the first cycle and serve the terminal.",
        ),
        click.Command(
            "serve",
            callback=lambda: programs.serve(),
            help="Serve the terminal, REST and MCP over HTTP.",
        ),
        click.Command(
            "mcp", callback=lambda: programs.mcp(), help="Serve MCP over standard input and output."
        ),
        click.Command(
            "down",
            callback=lambda: programs.down(),
            help="Stop what runs in the background; the data stays.",
        ),
        _completion(),
    ]
    return {str(command.name): command for command in commands}


def _completion() -> click.Command:
    def completion(shell: Literal["bash", "zsh", "fish"]) -> None:
        from click.shell_completion import get_completion_class

        kind = get_completion_class(shell)
        if kind is None:
            raise click.UsageError(f"no completion for {shell}")
        root = click.get_current_context().find_root().command
        click.echo(kind(root, {}, "fondaco", COMPLETE_VARIABLE).source())

    return click.Command(
        "completion",
        callback=completion,
        params=[click.Argument(["shell"], type=click.Choice(SHELLS), help="your shell")],
        help="Print the completion script of a shell.",
        epilog='\b\nFor bash, in ~/.bashrc:\n    eval "$(fondaco completion bash)"',
    )
