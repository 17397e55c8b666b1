"""Running the command line: every way it can end, with its exit code."""

import sys
from collections.abc import Sequence

import click

from fondaco.surfaces.cli.tree import NAME

USAGE = 2
STOPPED = 1


def run(cli: click.Group, args: Sequence[str]) -> int:
    """Run a command line and return its exit code: 0 done, 1 refused or failed, 2 wrong usage,
    3 not available now.
    """
    as_json = "--json" in args
    try:
        outcome = cli.main(args=list(args), prog_name=NAME, standalone_mode=False)
        return outcome if isinstance(outcome, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return USAGE
    except click.UsageError as error:
        return _usage(error, as_json)
    except click.Abort:
        click.echo(
            "Stopped; what had been asked may go on. `fondaco jobs list` shows it.", err=True
        )
        return STOPPED
    except Exception as error:  # the outermost loop: nothing leaves without a word and a code
        return _failed(error, as_json)


def _usage(error: click.UsageError, as_json: bool) -> int:
    from fondaco.core.errors import InvalidInput
    from fondaco.surfaces.cli.report import print_error

    path = error.ctx.command_path if error.ctx is not None else NAME
    reason = error.format_message().rstrip(".")
    return print_error(InvalidInput(reason), as_json=as_json, advice=f"{path} --help")


def _failed(error: Exception, as_json: bool) -> int:
    from fondaco.core.errors import FondacoError
    from fondaco.surfaces.cli.report import print_error

    if not isinstance(error, FondacoError):
        import traceback

        traceback.print_exception(error, file=sys.stderr)
    return print_error(error, as_json=as_json, advice="fondaco doctor")
