"""What a provider is built from, and how an outside package's provider is found.

A provider is a class with a `sheet` and `build(parts)`. A package of its own adds one under the
entry point group `fondaco.providers`: its name is the provider's, its value the class.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any, ClassVar, Self

from fondaco.adapters.providers.wire import Wire
from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Origin
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.sheets import Secrets, Sheet

GROUP = "fondaco.providers"


@dataclass(frozen=True, slots=True)
class Parts:
    """The clock, the wire for this provider and the desk's secrets."""

    clock: Clock
    wire: Wire
    secrets: Secrets

    def key(self, sheet: Sheet) -> str:
        """Return the provider's first key; raises Unanswered when none is set."""
        return self.keys(sheet)[0]

    def keys(self, sheet: Sheet) -> tuple[str, ...]:
        """Return all the provider's keys; raises Unanswered naming the first that is not set."""
        need = sheet.key
        if need is None:
            return ()
        found = tuple(self.secrets(name) or "" for name in need.names)
        for name, value in zip(need.names, found, strict=True):
            if not value and not need.optional:
                raise Unanswered(
                    f"{sheet.title} needs a key that is not set",
                    provider=sheet.name,
                    cause=Cause.KEY,
                    value=name,
                    remedy=f"`fondaco providers setup {sheet.name}` says where to get one.",
                )
        return found


class Service:
    """An outside service, built from the parts of a desk; `sheet` says what it gives."""

    sheet: ClassVar[Sheet]
    name: ClassVar[str]
    origin: ClassVar[Origin]

    def __init_subclass__(cls) -> None:
        """Take name and origin from the sheet."""
        super().__init_subclass__()
        cls.name, cls.origin = cls.sheet.name, cls.sheet.origin

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._clock = parts.clock
        self._wire = parts.wire

    @classmethod
    def build(cls, parts: Parts) -> Self:
        """Return the provider of a desk."""
        return cls(parts)


def plugged_in(taken: frozenset[str]) -> dict[str, Callable[[], Any]]:
    """Return the providers of installed packages: name and what loads the class.

    Raises InvalidInput when a package claims a name that is taken.
    """
    found: dict[str, Callable[[], Any]] = {}
    for entry in entry_points(group=GROUP):
        if entry.name in taken or entry.name in found:
            raise InvalidInput(
                "two providers have the same name",
                value=f"{entry.name} of {entry.value}",
                remedy="Remove one of the packages, or ask its maker for another name.",
            )
        found[entry.name] = entry.load
    return found
