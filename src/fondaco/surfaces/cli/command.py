"""One capability as a command: its inputs as words, its result on the screen."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from fondaco.core.capability import Caller, Capability, Effect
from fondaco.core.errors import FondacoError
from fondaco.core.invoke import Answer, invoke
from fondaco.core.job_view import view_job
from fondaco.core.jobs import Job, JobState
from fondaco.surfaces.cli.confirm import confirm
from fondaco.surfaces.cli.parts import Parts
from fondaco.surfaces.cli.report import advice_for, print_blocks, print_error, print_json
from fondaco.surfaces.desk import Desk
from fondaco.surfaces.example import body_of, example_line
from fondaco.surfaces.fields import Input, inputs_of
from fondaco.surfaces.user import user_name

if TYPE_CHECKING:
    from fondaco.surfaces.cli.parts import CliDesk

PREFIX = "input_"
NOT_NOW = 3


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a command is to be run: the options that every command, or many, share."""

    as_json: bool = False
    request_id: str | None = None
    no_wait: bool = False
    yes: bool = False


def command_for(cap: Capability, leaf: str, parts: Parts) -> click.Command:
    """Return the command of a capability; raises TypeError when an input takes a shared name."""
    fields = inputs_of(cap)
    shared = _shared_options(cap)
    taken = {name for option in shared for name in option.opts}
    if clash := taken & {field.option for field in fields}:
        raise TypeError(f"{cap.name}: every command has {', '.join(sorted(clash))} already")
    first = next((field for field in fields if field.required), None)
    params: list[click.Parameter] = [] if first is None else [_argument(first)]
    params += [_option(field) for field in fields if field is not first]

    def callback(**given: Any) -> int:
        raw = {
            field.name: list(value) if field.many else value
            for field in fields
            if (value := given.pop(PREFIX + field.name)) not in (None, ())
        }
        return _run(parts, cap, _unseen(cap, raw), Wishes(**given))

    example = example_line(cap)
    return click.Command(
        leaf,
        callback=callback,
        params=[*params, *shared],
        help=body_of(cap),
        short_help=cap.summary,
        epilog=f"\b\nExample:\n    {example}" if example else None,
    )


def _unseen(cap: Capability, raw: dict[str, Any]) -> dict[str, Any]:
    """Ask for secrets given as `-`, so that they stand neither on the screen nor in a history."""
    asked = [name for name, value in raw.items() if value == "-" and name in cap.secrets]
    return raw | {name: click.prompt(name, hide_input=True, err=True) for name in asked}


def _argument(field: Input) -> click.Argument:
    return click.Argument(
        [PREFIX + field.name],
        metavar=field.name.upper(),
        nargs=-1 if field.many else 1,
        required=True,
        help=_words(field),
        shell_complete=_completer(field),
    )


def _option(field: Input) -> click.Option:
    if field.flag:
        off = field.option.replace("--", "--no-", 1)
        return click.Option(
            [PREFIX + field.name, f"{field.option}/{off}"], default=None, help=_words(field)
        )
    return click.Option(
        [PREFIX + field.name, field.option],
        multiple=field.many,
        required=field.required,
        metavar="|".join(field.choices) or field.form,
        help=_words(field),
        shell_complete=_completer(field),
    )


def _words(field: Input) -> str:
    """Return a field's description, its bounds where the words lack them, and its default."""
    notes = [field.bounds] if field.bounds else []
    if field.many:
        notes.append("may be given several times")
    default = field.default
    if default not in (None, (), ""):
        notes.append(f"default: {('yes' if default else 'no') if field.flag else default}")
    return f"{field.description}  [{'; '.join(notes)}]" if notes else field.description


def _completer(field: Input) -> Any:
    def complete(_: click.Context, __: click.Parameter, begun: str) -> list[str]:
        return [choice for choice in field.choices if choice.startswith(begun)]

    return complete


def _shared_options(cap: Capability) -> list[click.Option]:
    options = [
        click.Option(
            ["as_json", "--json"], is_flag=True, help="print the whole result as JSON, nothing else"
        )
    ]
    if cap.effect is not Effect.READ:
        words = "makes the call happen once, however often it is sent"
        options.append(click.Option(["request_id", "--request-id"], help=words))
    if cap.job is not None:
        words = "return the job at once instead of following it"
        options.append(click.Option(["no_wait", "--no-wait"], is_flag=True, help=words))
    if cap.effect is Effect.MONEY:
        words = "do it without asking for a typed confirmation"
        options.append(click.Option(["yes", "--yes"], is_flag=True, help=words))
    return options


def _run(parts: Parts, cap: Capability, raw: dict[str, Any], wishes: Wishes) -> int:
    """Ask the desk and print what it says; return the exit code."""
    caller = Caller(actor=user_name(), surface="cli", person=True, request_id=wishes.request_id)
    try:
        with parts.open_desk() as desk:
            if cap.effect is Effect.MONEY and not wishes.yes:
                looker = replace(caller, request_id=None)
                confirm(desk, cap, raw, looker, interactive=parts.interactive())
            answer = invoke(desk, cap, raw, caller)
            if cap.job is not None and not wishes.no_wait:
                job = cap.output.validate_python(answer.data)
                return _follow(parts, desk, cap, job, wishes.as_json)
            if wishes.as_json:
                print_json(answer.data)
            else:
                print_blocks(answer.blocks())
            _await_aftermath(desk, answer, wishes.as_json)
            return 0
    except FondacoError as error:
        advice = advice_for(cap.name, parts.references, error)
        return print_error(error, as_json=wishes.as_json, advice=advice)


def _await_aftermath(desk: "CliDesk", answer: Answer, as_json: bool) -> None:
    """Stay until what was set in motion stands still; what was asked for is done in any case."""
    if answer.capability.effect is Effect.READ or answer.capability.job is not None:
        return
    try:
        blocks = desk.aftermath(answer)
    except KeyboardInterrupt:
        click.echo("\nIt is done; what follows from it goes on while a desk runs.", err=True)
    except FondacoError as error:
        click.echo(f"It is done; what followed could not be watched: {error}", err=True)
    else:
        if blocks and not as_json:
            click.echo()
            print_blocks(blocks)


def _follow(parts: Parts, desk: Desk, cap: Capability, job: Job, as_json: bool) -> int:
    """Show a job until it ends; Ctrl-C leaves it to go on."""
    from fondaco.surfaces.cli.progress import JobBar

    try:
        with JobBar() as bar:
            while not job.state.final:
                bar.show(job)
                parts.wait()
                job = desk.jobs.status(job.id)
    except KeyboardInterrupt:
        click.echo(
            f"\n{job.id} is not cancelled: it goes on while a desk runs. "
            f"`fondaco jobs status {job.id}` shows it, `fondaco jobs cancel {job.id}` stops it.",
            err=True,
        )
        return NOT_NOW
    if as_json:
        print_json(cap.output.dump_python(job, mode="json"))
    else:
        print_blocks(view_job(job, cap))
    if job.state is JobState.DONE:
        return 0
    if not as_json:
        error = FondacoError(f"{job.id} {job.state.value}: {job.error or 'no reason was kept'}")
        print_error(error, as_json=False, advice=f"fondaco jobs status {job.id}")
    return 1
