"""The first line of a function's docstring, read without loading its module."""

import ast
from importlib.util import find_spec


def summary_of(reference: str) -> str:
    """Return the summary of `package.module:function`, empty where there is none.

    >>> summary_of("fondaco.surfaces.cli.summary:summary_of")
    'Return the summary of `package.module:function`, empty where there is none.'
    """
    module, _, function = reference.partition(":")
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return ""
    with open(spec.origin, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    found = (n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == function)
    node = next(found, None)
    doc = None if node is None else ast.get_docstring(node)
    return (doc or "").partition("\n")[0]
