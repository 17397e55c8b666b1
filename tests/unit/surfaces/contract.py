"""The contract: the input model of every capability, kept so that a change shows in review.

`python tests/unit/surfaces/contract.py` writes contract.json anew.
"""

import json
import sys
from pathlib import Path
from typing import Any

from fondaco.catalogue import CAPABILITIES
from fondaco.core.capability import Catalogue

FILE = Path(__file__).with_name("contract.json")


def contract() -> dict[str, Any]:
    """Return what the outside may ask for, as plain JSON."""
    return {
        cap.name: {
            "effect": cap.effect.value,
            "long_work": cap.job is not None,
            "to_model": cap.to_model,
            "inputs": cap.inputs.model_json_schema(),
        }
        for cap in sorted(Catalogue(CAPABILITIES), key=lambda cap: cap.name)
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(contract(), indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    sys.stdout.write(f"wrote {FILE.name}\n")
