"""A user's file as a strategy: found where it may be, run as written, its faults named by line."""

from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from fondaco.adapters.strategies.confine import missing_layers
from fondaco.adapters.strategies.folder import FolderStrategies
from fondaco.core.errors import InvalidInput, NotFound, Refused, Unavailable
from fondaco.market.fakes import simulated_panel
from fondaco.research.causality import NotCausal, assert_causal

PANEL = simulated_panel(3, 30, 3)
RISEN = '''"""Hold what rose.

More words.
"""
import numpy as np

PARAMETERS = {"window": 5, "share": 0.5}


def weights(panel, parameters):
    window = parameters["window"]
    out = np.full(panel.close.shape, np.nan)
    out[window:] = (panel.close[window:] > panel.close[:-window]) * parameters["share"]
    return out
'''


def write(folder: Path, text: str, name: str = "mine.py") -> FolderStrategies:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    return FolderStrategies(folder, unconfined=bool(missing_layers()))


def fault(folder: Path, text: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught, write(folder, text).open("mine.py") as opened:
        opened.weights(PANEL)
    return caught.value


def test_weights_come_back_as_the_file_says(tmp_path: Path) -> None:
    with write(tmp_path, RISEN).open("mine.py") as opened:
        assert (opened.name, opened.doc) == ("mine.py", "Hold what rose.")
        assert opened.parameters == {"window": 5, "share": 0.5}
        weights = opened.weights(PANEL)
    assert np.isnan(weights[:5]).all()
    assert np.array_equal(weights[5:], (PANEL.close[5:] > PANEL.close[:-5]) * 0.5)


def test_the_panel_arrives_whole(tmp_path: Path) -> None:
    text = (
        "import numpy as np\n"
        "def weights(panel):\n"
        "    assert str(panel.sessions.dtype) == 'datetime64[D]', panel.sessions.dtype\n"
        "    assert panel.as_of.isoformat() == AS_OF, panel.as_of\n"
        "    assert panel.instruments == NAMES and panel.version == 0\n"
        "    assert panel.origin.value == 'simulated'\n"
        "    day = panel.closes_at.astype('M8[D]')\n"
        "    return panel.fields['volume'] + (day == panel.sessions)[:, None]\n"
    )
    text = text.replace("AS_OF", repr(PANEL.as_of.isoformat()))
    text = text.replace("NAMES", repr(tuple(PANEL.instruments)))
    with write(tmp_path, text).open("mine.py") as opened:
        assert np.array_equal(opened.weights(PANEL), PANEL.fields["volume"] + 1.0)


def test_parameters_are_changed_by_name(tmp_path: Path) -> None:
    strategies = write(tmp_path, RISEN)
    with strategies.open("mine.py", {"share": 0.25}) as opened:
        assert opened.parameters == {"window": 5, "share": 0.25}
        assert np.nanmax(opened.weights(PANEL)) == 0.25
    with pytest.raises(
        InvalidInput, match=r"no parameter windw; its PARAMETERS are: window, share"
    ):
        strategies.open("mine.py", {"windw": 3}).__enter__()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1\ndef weights(panel)\n    pass\n", "mine.py, line 2: SyntaxError: expected ':'"),
        ("x = 1\n", "it defines no function weights(panel)"),
        ("weights = 7\n", "it defines no function weights(panel)"),
        ("import no_such_package\n", "mine.py, line 1: ModuleNotFoundError"),
        ("PARAMETERS = [1]\ndef weights(panel): return panel.close\n", "no dict of names"),
        (
            "def part(x):\n    return x[999]\ndef weights(panel):\n    return part(panel.close)\n",
            "mine.py, line 2: IndexError: index 999 is out of bounds",
        ),
        ("import numpy as np\ndef weights(panel):\n    return np.linalg.inv(panel.close)\n",
         "mine.py, line 3: LinAlgError"),
        ("def weights(panel): return panel.close[1:]\n", "wrong shape; value: (29, 3)"),
        ("def weights(panel): return 1.0\n", "wrong shape; value: ()"),
        ("def weights(panel): return None\n", "no numbers; value: object"),
        ("def weights(panel): return panel.close.astype(str)\n", "no numbers; value: <U32"),
        ("def weights(panel): return panel.close + 1j\n", "no numbers; value: complex128"),
        ("def weights(panel):\n    panel.close[0] = 1\n", "line 2: ValueError: assignment"),
    ],
)  # fmt: skip
def test_a_fault_of_the_file_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    assert said in fault(tmp_path, text).message


def test_a_fault_on_a_short_panel_says_how_short_it_was(tmp_path: Path) -> None:
    text = "def weights(panel):\n    return panel.close / panel.close[20]\n"
    with write(tmp_path, text).open("mine.py") as opened, pytest.raises(InvalidInput) as caught:
        opened.weights(PANEL.until(4))
    assert "It was given 4 sessions of 3 instruments." in caught.value.message
    assert caught.value.value == "return panel.close / panel.close[20]"


def test_a_strategy_goes_on_after_a_call_that_failed(tmp_path: Path) -> None:
    text = "def weights(panel):\n    return panel.close / (len(panel.sessions) - 4)\n"
    text = text.replace("return", "assert len(panel.sessions) != 4\n    return")
    with write(tmp_path, text).open("mine.py") as opened:
        with pytest.raises(InvalidInput, match="AssertionError"):
            opened.weights(PANEL.until(4))
        assert np.array_equal(opened.weights(PANEL), PANEL.close / 26)


def test_polars_works_in_a_strategy_also_while_it_is_loaded(tmp_path: Path) -> None:
    text = (
        "import polars as pl\n"
        "WINDOW = pl.DataFrame({'n': [1, 2]}).lazy().select(pl.col('n').sum()).collect().item()\n"
        "def weights(panel):\n"
        "    frame = pl.DataFrame({f'c{n}': panel.close[:, n] for n in range(3)})\n"
        "    return frame.lazy().select(pl.all().rolling_mean(WINDOW)).collect().to_numpy()\n"
    )
    with write(tmp_path, text).open("mine.py") as opened:
        weights = opened.weights(PANEL)
    assert weights[2] == pytest.approx(PANEL.close[:3].mean(axis=0))


def test_the_desk_s_own_features_can_be_used(tmp_path: Path) -> None:
    text = (
        "from fondaco.research.features import feature_named\n"
        "def weights(panel): return feature_named('return_5')(panel)\n"
    )
    with write(tmp_path, text).open("mine.py") as opened:
        weights = opened.weights(PANEL)
    assert weights[5:] == pytest.approx(PANEL.close[5:] / PANEL.close[:-5] - 1.0)


KEPT = """
MEAN, BY_DAY = None, {}

def weights(panel):
    global MEAN
    %s
"""
FIRST_CALL = "if MEAN is None:\n        MEAN = panel.close.mean()\n    return panel.close - MEAN"
BY_DATE = (
    "import numpy as np\n    rows = panel.close - panel.close.mean(axis=0)\n"
    "    return np.array([BY_DAY.setdefault(d, r) for d, r in zip(panel.sessions.tolist(), rows)])"
)


@pytest.mark.parametrize("lines", [FIRST_CALL, BY_DATE], ids=["first call", "rows by date"])
def test_what_one_call_keeps_cannot_hide_a_leak_in_the_next(tmp_path: Path, lines: str) -> None:
    text = KEPT % lines
    scope: dict[str, object] = {}
    exec(text, scope)
    assert_causal(scope["weights"], PANEL, cuts=3)  # type: ignore[arg-type]
    with write(tmp_path, text).open("mine.py") as opened, pytest.raises(NotCausal):
        assert_causal(opened.weights, PANEL, cuts=3)


@pytest.mark.parametrize(
    "draw", ["np.random.normal", "np.random.default_rng().normal", "random.gauss"]
)
def test_chance_without_a_seed_is_found_out(tmp_path: Path, draw: str) -> None:
    text = f"import random, numpy as np\ndef weights(panel): return panel.close * {draw}()\n"
    text = text.replace("gauss()", "gauss(0, 1)")
    with (
        write(tmp_path, text).open("mine.py") as opened,
        pytest.raises(InvalidInput, match="other values for the same panel twice"),
    ):
        assert_causal(opened.weights, PANEL, cuts=3)


def test_a_function_of_an_installed_package_may_be_named_at_the_machine(tmp_path: Path) -> None:
    strategies = FolderStrategies(tmp_path, unconfined=bool(missing_layers()))
    with strategies.open("numpy:ones_like", anywhere=True) as opened, pytest.raises(InvalidInput):
        opened.weights(PANEL)  # a panel is no array: but the function was found and called
    with pytest.raises(Refused, match="only a file of the strategies folder"):
        strategies.open("numpy:ones_like")
    with pytest.raises(InvalidInput, match="ModuleNotFoundError"):
        strategies.open("no_such:thing", anywhere=True).__enter__()


def test_a_path_may_be_named_at_the_machine_alone(tmp_path: Path) -> None:
    folder = tmp_path / "strategies"
    write(tmp_path, RISEN, "outside.py")
    strategies = write(folder, RISEN)
    for reference in (str(tmp_path / "outside.py"), "../outside.py", "/etc/passwd", ".hidden.py"):
        with pytest.raises(Refused, match="only a file of the strategies folder"):
            strategies.open(reference)
    with strategies.open(str(tmp_path / "outside.py"), anywhere=True) as opened:
        assert opened.name == "outside.py"


def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    write(tmp_path, RISEN, "outside.py")
    strategies = write(tmp_path / "strategies", RISEN)
    (tmp_path / "strategies" / "link.py").symlink_to(tmp_path / "outside.py")
    with pytest.raises(Refused):
        strategies.open("link.py")


def test_what_is_not_there_or_no_strategy_is_told(tmp_path: Path) -> None:
    strategies = write(tmp_path, RISEN)
    with pytest.raises(NotFound, match=r"gone\.py"):
        strategies.open("gone.py", anywhere=True)
    with pytest.raises(NotFound, match="a file of the strategies folder"):
        strategies.open("gone.py")
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(InvalidInput, match="a strategy is a Python file"):
        strategies.open(str(tmp_path / "notes.txt"), anywhere=True)
    (tmp_path / "long.py").write_text("#" * 300_000)
    with pytest.raises(InvalidInput, match="too long"):
        strategies.open("long.py")
    (tmp_path / "latin.py").write_bytes(b"# \xe9\n")
    with pytest.raises(InvalidInput, match="not UTF-8"):
        strategies.open("latin.py")


def test_a_closed_strategy_leaves_no_process_and_no_folder(tmp_path: Path) -> None:
    with write(tmp_path, RISEN).open("mine.py") as opened:
        opened.weights(PANEL)
        process, folder = opened._process, Path(opened._folder.name)  # type: ignore[attr-defined]
        assert folder.is_dir()
    assert process.returncode is not None
    assert not folder.exists()


def test_a_fifth_strategy_at_a_time_is_turned_away_until_one_has_ended(tmp_path: Path) -> None:
    strategies = write(tmp_path, RISEN)
    with ExitStack() as four:
        for _ in range(4):
            four.enter_context(strategies.open("mine.py"))
        with pytest.raises(Unavailable, match="4 at a time"):
            strategies.open("mine.py").__enter__()
    with strategies.open("mine.py") as opened:
        assert opened.weights(PANEL).shape == (30, 3)


def test_two_hundred_calls_take_seconds(tmp_path: Path) -> None:
    from time import perf_counter

    with write(tmp_path, RISEN).open("mine.py") as opened:
        started = perf_counter()
        for _ in range(200):
            opened.weights(PANEL)
    assert perf_counter() - started < 8.0  # one second where it was measured
