"""Inside a worker: load the user's file, call it, and put what came of it into a frame."""

import os
import sys
import traceback
from importlib import import_module
from inspect import getdoc, signature
from types import ModuleType
from typing import Any

import numpy as np
import numpy.random  # numpy loads it when it is first used: here, before the forks

from fondaco.adapters.strategies.frames import Header, pack, panels_from

_TEXT_MAX = 300


class Unusable(Exception):
    """The file lacks what a strategy needs: what, and what would do."""


def answer(setting: Header, header: Header, body: bytes) -> bytes:
    """Return the frame that answers a request: a description of the strategy, or its weights."""
    shape: tuple[int, int] | None = None
    np.random.seed()  # forks share its state: chance without a seed must look like chance
    try:
        module, function = _load(setting)
        if "describe" in header:
            return pack(_description(setting, module, function))
        given = [dict(_parameters(setting, module))] if _takes_parameters(function) else []
        bodies = []
        for panel in panels_from(header, body):
            shape = (len(panel.sessions), len(panel.instruments))
            values = np.asarray(function(panel, *given))
            if (fault := _fault(values, shape)) is not None:
                return pack({**fault, "given": shape})
            bodies.append(np.ascontiguousarray(values, dtype="<f8").tobytes())
    except MemoryError:
        return pack({"error": "memory"})
    except Unusable as error:
        return pack({"error": "unusable", "text": str(error)[:_TEXT_MAX]})
    except SyntaxError as error:
        return pack({"error": "exception", **_syntax(error, setting)})
    except BaseException as error:  # whatever the user's code raises is told
        return pack({"error": "exception", "given": shape, **_where(error, setting)})
    return pack({"weights": len(bodies)}, b"".join(bodies))


def _load(setting: Header) -> tuple[ModuleType, Any]:
    name, wanted = setting["name"], setting["function"]
    if setting["source"] is None:
        module = import_module(setting["module"])
    else:
        module = ModuleType("strategy")
        module.__file__ = name
        sys.modules["strategy"] = module  # dataclasses of the file look themselves up
        exec(compile(setting["source"], name, "exec"), module.__dict__)  # noqa: S102
    function = getattr(module, wanted, None)
    if not callable(function):
        raise Unusable(f"it defines no function {wanted}(panel)")
    return module, function


def _takes_parameters(function: Any) -> bool:
    return len(signature(function).parameters) >= 2


def _parameters(setting: Header, module: ModuleType) -> dict[str, float | int]:
    own = getattr(module, "PARAMETERS", {})
    plain = isinstance(own, dict) and all(
        isinstance(name, str) and type(value) in (int, float) for name, value in own.items()
    )
    if not plain:
        raise Unusable("its PARAMETERS is no dict of names to numbers")
    changed: dict[str, float | int] = setting["parameters"]
    if unknown := sorted(set(changed) - set(own)):
        known = ", ".join(own) or "none"
        raise Unusable(f"it has no parameter {', '.join(unknown)}; its PARAMETERS are: {known}")
    return {**own, **changed}


def _description(setting: Header, module: ModuleType, function: Any) -> Header:
    parameters = _parameters(setting, module)
    doc = (getdoc(module) or getdoc(function) or "").partition("\n")[0]
    return {"parameters": parameters, "doc": doc[:_TEXT_MAX]}


def _fault(values: Any, wanted: tuple[int, int]) -> Header | None:
    if values.dtype.kind not in "fiub":
        return {"error": "dtype", "dtype": str(values.dtype)}
    if values.shape != wanted:
        return {"error": "shape", "shape": list(values.shape)}
    return None


def _syntax(error: SyntaxError, setting: Header) -> Header:
    mine = error.filename == setting["name"]
    return {
        "type": type(error).__name__,
        "text": str(error.msg)[:_TEXT_MAX],
        "line": error.lineno if mine else None,
        "code": (error.text or "").strip()[:_TEXT_MAX] if mine else "",
    }


def _where(error: BaseException, setting: Header) -> Header:
    """Return the error with the last line of the user's own file that it passed."""
    name = setting["name"]
    frames = traceback.extract_tb(error.__traceback__)
    mine = [frame.lineno for frame in frames if _is_mine(frame.filename, name)]
    line = mine[-1] if mine else None
    source = (setting["source"] or "").splitlines()
    code = source[line - 1].strip() if line is not None and 0 < line <= len(source) else ""
    return {
        "type": type(error).__name__,
        "text": str(error)[:_TEXT_MAX],
        "line": line,
        "code": code[:_TEXT_MAX],
    }


def _is_mine(filename: str, name: str) -> bool:
    return filename == name or (os.path.isabs(filename) and filename.endswith(os.sep + name))
