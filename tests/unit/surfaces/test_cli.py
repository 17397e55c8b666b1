"""The command line: nouns then verbs, one JSON document, exit codes, the next command to try."""

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from fondaco.core.errors import ErrorBody, Unavailable
from fondaco.core.jobs import JobState
from fondaco.core.view import Text
from fondaco.surfaces.cli import command
from fondaco.surfaces.cli.tree import build_cli
from unit.surfaces import toy
from unit.surfaces.typing_shell import REFERENCES, Shell


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("COLUMNS", "100")
    return Shell(capsys)


def test_help_lists_every_noun_with_its_verbs_and_every_program(shell: Shell) -> None:
    assert shell.run("--help") == 0
    text = " ".join(shell.out.split())
    assert "cards approve, list, reject, show" in text
    assert "explain Explain a card or a backtest in words." in text
    for name in ("up", "serve", "mcp", "down", "completion"):
        assert f"\n  {name} " in shell.out
    assert shell.opened == 0


def test_help_of_a_noun_has_the_summaries(shell: Shell) -> None:
    assert shell.run("cards", "--help") == 0
    assert "list     List the cards, newest first." in shell.out


def test_help_of_a_verb_has_the_words_bounds_defaults_and_the_example(shell: Shell) -> None:
    assert shell.run("market", "bars", "--help") == 0
    text = " ".join(shell.out.split())
    for words in (
        "Read daily bars of a symbol.",
        "Closes are in the instrument's currency.",
        "SYMBOL ticker symbol in capitals, e.g. AAPL",
        "--from",
        "[required]",
        "how many [at least 1, at most 100000; default: 5]",
        "--from DATE",
        "--to DATE ISO date, e.g. 2019-06-28",
        "--scale NUMBER",
        "factor on the closes [above 0, below 1000; default: 1.0]",
        "--adjusted / --no-adjusted adjusted for splits and dividends [default: yes]",
        "columns to show [may be given several times]",
        "Example: fondaco market bars AAPL --from 2019-06-01",
    ):
        assert words in text
    assert "--request-id" not in text


def test_options_come_with_the_effect(shell: Shell) -> None:
    shell.run("cycle", "run", "--help")
    assert "--no-wait" in shell.out
    assert "--request-id" in shell.out
    assert "--yes" not in shell.out
    shell.run("ledger", "deposit", "--help")
    assert "--yes" in shell.out
    assert "--no-wait" not in shell.out


def test_a_choice_is_shown_as_its_words(shell: Shell) -> None:
    shell.run("cards", "list", "--help")
    assert "--state PROPOSED|APPROVED|REJECTED" in shell.out


def test_a_table_is_drawn_with_its_label(shell: Shell) -> None:
    assert shell.run("cards", "list") == 0
    assert "Cards (bundled)" in shell.out
    assert "Price [USD]" in shell.out
    assert shell.out.splitlines()[-1].split() == ["TC-2", "PROPOSED", "0.50"]
    assert "\x1b" not in shell.out


def test_a_table_fits_a_narrow_terminal(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "24")
    shell.run("cards", "list")
    assert max(map(len, shell.out.splitlines())) <= 24


def test_json_is_the_whole_result_and_nothing_else(shell: Shell) -> None:
    assert shell.json("cards", "list", "--limit", "1") == [
        {"id": "TC-1", "state": "PROPOSED", "digest": toy.DIGEST, "price": "0.25"}
    ]
    assert shell.err == ""


def test_inputs_are_read_by_the_one_model(shell: Shell) -> None:
    data = shell.json(
        "market",
        "bars",
        "AAPL",
        "--from",
        "2019-06-01",
        "--count",
        "2",
        "--scale",
        "0.5",
        "--no-adjusted",
        "--fields",
        "close",
        "--fields",
        "open",
    )
    assert data == {
        "symbol": "AAPL",
        "closes": [0.5, 1.0],
        "adjusted": False,
        "fields": ["close", "open"],
    }
    note = shell.desk.journal.lines(limit=1)[0].note
    assert (note.surface, note.inputs["from"]) == ("cli", "2019-06-01")
    assert "raw" not in note.inputs


def test_a_chart_is_drawn_with_its_numbers(shell: Shell) -> None:
    shell.run("market", "bars", "AAPL", "--from", "2019-06-01", "--count", "5")
    assert "AAPL (bundled)" in shell.out
    assert "2019-06-01 to 2019-06-05, 5 points; USD" in shell.out
    assert "close: first 1, low 1, high 5, last 5" in shell.out
    assert any("⠀" <= sign <= "⣿" for sign in shell.out)


def test_what_could_steer_the_terminal_is_made_visible(shell: Shell) -> None:
    shell.run("explain", "TC-1")
    assert "\ufffd[31mrests on 1 fact. [F-0123456789abcdef]" in shell.out
    assert "\x1b" not in shell.out


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("cards", "show", "9"), 2, "Try `fondaco cards show --help`."),
        (("cards", "show", "TC-9"), 1, "`fondaco cards list` shows all."),
        (("cards", "list", "--limit", "0"), 2, "greater than or equal to 1"),
        (("cards", "list", "--state", "LOST"), 2, "Input should be 'PROPOSED'"),
        (("market", "bars", "AAPL"), 2, "Missing option '--from'"),
        (("cards", "show"), 2, "Missing argument 'CARD'"),
        (("cards", "lst"), 2, "Did you mean 'list'?"),
        (("crds",), 2, "Did you mean 'cards'?"),
        (("cards", "list", "--colour", "red"), 2, "`fondaco cards list --help`"),
        (("outage",), 3, "the database is out of reach. Start it."),
        (("fault",), 1, "KeyError"),
        (("down",), 3, "the database does not stop."),
        (("completion", "tcsh"), 2, "`fondaco completion --help`"),
    ],
)
def test_an_error_has_its_exit_code_and_the_next_command(
    shell: Shell, args: tuple[str, ...], code: int, words: str
) -> None:
    assert shell.run(*args) == code
    assert words in " ".join(shell.err.split())
    assert "`fondaco " in shell.err.splitlines()[-1]
    assert shell.out == ""


@pytest.mark.parametrize(
    ("args", "code", "kind"),
    [
        (("cards", "show", "9"), 2, "invalid_input"),
        (("cards", "show", "TC-9"), 1, "not_found"),
        (("cards", "show"), 2, "invalid_input"),
        (("nothing",), 2, "invalid_input"),
        (("outage",), 3, "unavailable"),
        (("fault",), 1, "failed"),
        (("cards", "approve", "TC-1", "--digest", "0" * 64), 1, "conflict"),
    ],
)
def test_with_json_an_error_is_the_one_document(
    shell: Shell, args: tuple[str, ...], code: int, kind: str
) -> None:
    assert shell.run(*args, "--json") == code
    body = json.loads(shell.out)
    assert set(body) == set(ErrorBody.__slots__)
    assert body["code"] == kind


def test_a_word_alone_shows_help_and_is_wrong_usage(shell: Shell) -> None:
    for args in ((), ("cards",)):
        assert shell.run(*args) == 2
        assert "Usage: fondaco" in shell.out


def test_a_request_id_makes_a_call_happen_once(shell: Shell) -> None:
    for _ in range(2):
        assert shell.json("cards", "reject", "TC-2", "--request-id", "r1")["state"] == "REJECTED"
    assert shell.desk.journal.lines(limit=1)[0].note.outcome == "repeated"


def test_long_work_is_followed_to_its_result(shell: Shell) -> None:
    shell.steps = [
        {"state": JobState.RUNNING, "step": "features", "done": 1, "total": 2},
        {"state": JobState.DONE, "result": {"as_of": "2019-06-28", "cards": 3}},
    ]
    assert shell.run("cycle", "run", "--as-of", "2019-06-28") == 0
    assert shell.out == "3 cards as of 2019-06-28.\n"
    assert shell.err == ""


def test_long_work_in_json_is_the_job_with_its_result(shell: Shell) -> None:
    shell.steps = [{"state": JobState.DONE, "result": {"as_of": None, "cards": 3}}]
    data = shell.json("cycle", "run")
    assert (data["id"], data["state"], data["result"]["cards"]) == ("J-1", "done", 3)


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_long_work_that_fails_says_why_and_where_to_look(shell: Shell, state: JobState) -> None:
    shell.steps = [{"state": state, "error": "no bars"}]
    assert shell.run("cycle", "run") == 1
    assert state.value in shell.out
    assert "no bars" in shell.err
    assert "`fondaco jobs status J-1`" in shell.err
    shell.desk = toy.house()
    shell.steps = [{"state": state, "error": "no bars"}]
    assert shell.json("cycle", "run")["error"] == "no bars"


def test_long_work_may_be_left_at_once(shell: Shell) -> None:
    assert shell.run("cycle", "run", "--no-wait") == 0
    assert "`fondaco jobs status J-1` shows how far it is." in shell.out
    assert shell.desk.jobs.status("J-1").state is JobState.QUEUED


def test_ctrl_c_leaves_long_work_and_says_how_to_find_it(shell: Shell) -> None:
    shell.steps = [{"state": JobState.RUNNING}, {"interrupt": True}]
    assert shell.run("cycle", "run") == 3
    assert "`fondaco jobs status J-1` shows it" in shell.err
    assert shell.desk.jobs.status("J-1").state is JobState.RUNNING


def test_what_a_change_sets_in_motion_is_waited_for_and_a_read_is_not(shell: Shell) -> None:
    assert shell.run("cards", "reject", "TC-2") == 0
    shell.run("cards", "list")
    shell.run("cycle", "run", "--no-wait")
    assert shell.desk.watched == ["cards.reject"]


def test_what_came_of_a_change_is_drawn_after_it_and_json_stays_one_document(
    shell: Shell,
) -> None:
    shell.desk.followed = [Text("The order was filled.")]
    shell.run("cards", "reject", "TC-1")
    assert shell.out.endswith("\n\nThe order was filled.\n")
    assert shell.json("cards", "reject", "TC-2")["state"] == "REJECTED"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Unavailable("the database is gone")])
def test_what_cannot_be_watched_to_its_end_is_done_all_the_same(
    shell: Shell, error: BaseException
) -> None:
    shell.desk.trouble = error
    assert shell.run("cards", "reject", "TC-2") == 0
    assert "REJECTED" in shell.out
    assert "It is done" in shell.err


APPROVE = ("cards", "approve", "TC-1", "--digest", toy.DIGEST)


def answers(monkeypatch: pytest.MonkeyPatch, *typed: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in typed)))


def test_without_a_terminal_a_digest_is_the_second_look(shell: Shell) -> None:
    assert shell.run(*APPROVE, "--acknowledge", "liquidity") == 0
    assert "(liquidity)" in shell.desk.cards.get("TC-1").state


def test_without_a_terminal_other_money_needs_a_yes(shell: Shell) -> None:
    assert shell.run("ledger", "deposit", "10") == 2
    assert "`fondaco ledger deposit … --yes`" in shell.err
    assert shell.desk.cards.cash == 0
    assert shell.run("ledger", "deposit", "10", "--yes") == 0
    assert shell.desk.cards.cash == 10


def test_at_a_terminal_money_shows_all_and_waits_for_the_typed_word(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.interactive = True
    answers(monkeypatch, "TC-1")
    assert shell.run(*APPROVE, "--acknowledge", "liquidity") == 0
    for words in (
        "State",
        "PROPOSED",
        "0.25 USD",
        toy.DIGEST,
        "acknowledge",
        "liquidity",
        "Nothing has happened yet.",
        "Type TC-1 to go on",
    ):
        assert words in shell.err
    assert "APPROVED" in shell.out


@pytest.mark.parametrize("typed", ["", "y", "TC-2"])
def test_at_a_terminal_another_word_does_nothing(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    shell.interactive = True
    answers(monkeypatch, typed)
    assert shell.run(*APPROVE) == 1
    assert "nothing was done" in shell.err
    assert shell.desk.cards.get("TC-1").state == "PROPOSED"


def test_at_a_terminal_leaving_does_nothing(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.interactive = True
    answers(monkeypatch)
    assert shell.run(*APPROVE) == 1
    assert "Stopped" in shell.err
    assert shell.desk.cards.get("TC-1").state == "PROPOSED"


def test_at_a_terminal_yes_goes_through_and_json_stays_one_document(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.interactive = True
    assert shell.json("ledger", "deposit", "10", "--yes") == "10"
    answers(monkeypatch, "20")
    assert shell.json("ledger", "deposit", "20") == "30"


def test_what_cannot_be_shown_is_not_asked_for(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.interactive = True
    answers(monkeypatch, "TC-9")
    assert shell.run("cards", "approve", "TC-9", "--digest", toy.DIGEST) == 1
    assert "no such card" in shell.err


def test_up_prepares_and_serves_and_says_each_step(shell: Shell) -> None:
    assert shell.run("up") == 0
    assert shell.programs.ran == ["prepare", "serve"]
    assert shell.err == "Loading prices: 2 of 2\n"
    assert shell.run("up", "--prepare-only") == 0
    assert shell.run("serve") == 0
    assert shell.run("mcp") == 0
    assert shell.programs.ran == ["prepare", "serve", "prepare", "serve", "mcp"]


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_completion(shell: Shell, name: str) -> None:
    assert shell.run("completion", name) == 0
    assert "_FONDACO_COMPLETE" in shell.out


def completions(shell: Shell, line: str) -> list[str]:
    from click.shell_completion import BashComplete

    *words, begun = line.split(" ")
    complete = BashComplete(build_cli(shell.parts()), {}, "fondaco", "_FONDACO_COMPLETE")
    return [item.value for item in complete.get_completions(words, begun)]


def test_completion_knows_nouns_verbs_options_and_choices(shell: Shell) -> None:
    assert completions(shell, "ca") == ["cards"]
    assert completions(shell, "cards a") == ["approve"]
    assert completions(shell, "cards list --st") == ["--state"]
    assert completions(shell, "cards list --state P") == ["PROPOSED"]


def test_the_version_is_told(shell: Shell) -> None:
    assert shell.run("--version") == 0
    assert shell.out.startswith("fondaco, version ")


def test_a_program_and_a_capability_cannot_share_a_name(shell: Shell) -> None:
    clash = replace(shell.parts(), references={"mcp.list": "x:y"})
    with pytest.raises(ValueError, match="both called"):
        build_cli(clash)


def test_an_input_cannot_take_the_name_of_a_shared_option(shell: Shell) -> None:
    from fondaco.core.capability import Effect, capability

    @capability("toy.clash", Effect.MONEY, view=lambda _: [])
    def clash(*, yes: bool = False) -> int:
        """Clash."""
        return 1

    with pytest.raises(TypeError, match="every command has --yes already"):
        command.command_for(clash.__capability__, "clash", shell.parts())  # type: ignore[attr-defined]


def test_help_loads_nothing_of_the_desk() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1))\n"
        "from fondaco.surfaces.cli.parts import Parts\n"
        "from fondaco.surfaces.cli.run import run\n"
        "from fondaco.surfaces.cli.tree import build_cli\n"
        f"names = {REFERENCES!r}\n"
        "run(build_cli(Parts(names, None, None, None, None)), ['--help'])\n"
        "heavy = {'pydantic', 'rich', 'fastapi', 'mcp', 'unit.surfaces.toy'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parents[2])],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_colour_is_used_at_a_terminal_and_not_with_no_color(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from rich.console import Console

    from fondaco.core.view import Column, Table, Text, Tone
    from fondaco.surfaces.cli.draw import draw

    blocks = [
        Text("bad", Tone.BAD),
        Table("T", (Column("Change", "percent", signed=True),), ((0.1,), (-0.1,), (0.0,))),
    ]
    for variable, colours in ((None, True), ("1", False)):
        if variable:
            monkeypatch.setenv("NO_COLOR", variable)
        console = Console(
            file=io.StringIO(),
            force_terminal=True,
            color_system="standard",
            highlight=False,
            markup=False,
        )
        draw(blocks, console)
        text = console.file.getvalue()  # type: ignore[attr-defined]
        assert ("\x1b[31m" in text) == colours
        assert "+10.00 %" in text
