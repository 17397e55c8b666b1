"""The shape of the repository: caps that fail instead of growing."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "src" / "fondaco"
FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 60


def _python_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return [ROOT / name for name in listed if (ROOT / name).exists()]


def _long_functions(text: str) -> list[tuple[str, int]]:
    nodes = (
        n
        for n in ast.walk(ast.parse(text))
        if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    sizes = ((n.name, (n.end_lineno or n.lineno) - n.lineno + 1) for n in nodes)
    return [(name, size) for name, size in sizes if size > FUNCTION_LINES_MAX]


def test_no_file_is_longer_than_the_cap() -> None:
    long = {
        str(p.relative_to(ROOT)): n
        for p in _python_files()
        if (n := p.read_text().count("\n")) > FILE_LINES_MAX
    }
    assert long == {}


def test_no_function_is_longer_than_the_cap() -> None:
    long = {
        f"{p.relative_to(ROOT)}:{name}": size
        for p in _python_files()
        for name, size in _long_functions(p.read_text())
    }
    assert long == {}


def test_the_function_cap_sees_a_long_function() -> None:
    text = "def long():\n" + "    x = 1\n" * FUNCTION_LINES_MAX
    assert _long_functions(text) == [("long", FUNCTION_LINES_MAX + 1)]


def _packages() -> list[Path]:
    return sorted(p.parent for p in SOURCE.rglob("__init__.py") if p.parent != SOURCE)


def test_every_package_of_the_house_has_its_one_page_readme() -> None:
    lacking = [
        str(p.relative_to(ROOT))
        for p in _packages()
        if len(p.relative_to(SOURCE).parts) == 1 and not (p / "README.md").is_file()
    ]
    assert lacking == []


def test_no_readme_of_a_package_is_longer_than_a_page() -> None:
    long = {
        str(p.relative_to(ROOT)): len(p.read_text().split())
        for p in SOURCE.rglob("README.md")
        if len(p.read_text().split()) > 700
    }
    assert long == {}


def test_no_package_is_an_empty_shell() -> None:
    empty = [
        str(p.relative_to(ROOT))
        for p in _packages()
        if not any(f.name != "__init__.py" for f in p.iterdir() if f.name != "__pycache__")
    ]
    assert empty == []


FORBIDDEN_NAMES = {"utils", "helpers", "manager", "common"}


def test_no_module_has_a_name_that_says_nothing() -> None:
    modules = [p for p in SOURCE.rglob("*") if p.is_dir() or p.suffix == ".py"]
    named = [str(p.relative_to(ROOT)) for p in modules if p.stem in FORBIDDEN_NAMES]
    assert named == []


CLOCK_OR_CHANCE = re.compile(
    r"datetime\.now\(|datetime\.utcnow\(|datetime\.today\(|date\.today\(|time\.time\(|time_ns\("
    r"|uuid4\(|uuid1\(|random\.random\(|\brandom\.(choice|randint|shuffle|seed)\("
    r"|np\.random\.(rand|randn|seed|choice|normal|randint|permutation)\(|default_rng\(\)|os\.urandom\("
    r"|secrets\."
)


def _clock_calls(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if CLOCK_OR_CHANCE.search(line)]


def test_no_clock_or_chance_is_called_outside_the_adapters() -> None:
    calls = {
        str(p.relative_to(ROOT)): found
        for p in SOURCE.rglob("*.py")
        if "adapters" not in p.relative_to(SOURCE).parts and (found := _clock_calls(p.read_text()))
    }
    assert calls == {}


@pytest.mark.parametrize(
    "line",
    [
        "now = datetime.now(UTC)",
        "x = np.random.rand(3)",
        "uuid4()",
        "rng = np.random.default_rng()",
        "t = time.time()",
    ],
)
def test_the_clock_check_sees_each_kind_of_call(line: str) -> None:
    assert _clock_calls(line) == [line]


def test_git_holds_no_lock_file_with_registry_hosts_and_no_path_of_a_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    assert "uv.lock" not in listed
    machine_path = re.compile(r"(?m)(?:^|[\s\"'`(=:])/(?:work|root|home)/[\w.]+")
    texts = [n for n in listed if n.endswith((".py", ".md", ".toml", ".txt", ".yml", ".sh"))]
    found = {
        n: m.group(0)
        for n in texts
        if (ROOT / n).exists() and (m := machine_path.search((ROOT / n).read_text()))
    }
    assert found == {}


def test_requirements_carry_a_hash_for_every_package() -> None:
    for name in ("main", "dev", "build"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        entries = re.split(r"\n(?=[a-zA-Z0-9])", text)
        pinned = [e for e in entries if "==" in e.partition("\n")[0]]
        assert pinned, name
        assert [e.partition("\n")[0] for e in pinned if "--hash=sha256:" not in e] == []
        assert "http" not in re.sub(r"http(x2?|core2?|tools)", "", text.replace("aiohttp", ""))
