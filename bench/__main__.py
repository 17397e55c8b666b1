"""Run every benchmark and print its ratios: `make bench`."""

import runpy
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    """Run each benchmark of each folder, one after the other."""
    for script in sorted(HERE.glob("*/*.py")):
        if script.name != "__init__.py":
            name = ".".join(("bench", script.parent.name, script.stem))
            print(f"== {name}")
            runpy.run_module(name, run_name="__main__")


if __name__ == "__main__":
    main()
