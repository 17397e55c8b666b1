"""Every provider of the desk by its name: those that come with it and those plugged in."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

from fondaco.adapters.providers.parts import Parts, plugged_in
from fondaco.adapters.providers.wire import HttpWire, Pace
from fondaco.core.clock import Clock
from fondaco.core.errors import NotFound
from fondaco.market.ports import Provider
from fondaco.market.sheets import Secrets, Sheet


class Directory(Mapping[str, Callable[[], Provider]]):
    """Makes providers when they are first needed, each with a wire and a pace of its own.

    `references` maps names to `package.module:Class`. As a mapping it gives, by name, what makes
    a provider. Raises InvalidInput when an outside package claims a name that is taken.
    """

    def __init__(
        self,
        references: Mapping[str, str],
        clock: Clock,
        secrets: Secrets,
        pace: Callable[[], Pace] | None = None,
    ) -> None:
        self._clock = clock
        self._secrets = secrets
        self._pace = pace
        self._load: dict[str, Callable[[], Any]] = {
            name: _loader(reference) for name, reference in references.items()
        }
        self._load |= plugged_in(frozenset(references))
        self._made: dict[str, Provider] = {}

    def __getitem__(self, name: str) -> Callable[[], Provider]:
        if name not in self._load:
            raise KeyError(name)
        return lambda: self.provider(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._load)

    def __len__(self) -> int:
        return len(self._load)

    def sheet(self, name: str) -> Sheet:
        """Return what a provider says of itself; raises NotFound naming those there are."""
        found: Sheet = self._class(name).sheet
        return found

    def sheets(self) -> tuple[Sheet, ...]:
        """Return what each provider says of itself."""
        return tuple(self.sheet(name) for name in self._load)

    def provider(self, name: str) -> Provider:
        """Return a provider, made on first use; raises NotFound."""
        if name not in self._made:
            made = self._class(name)
            pace = self._pace() if self._pace is not None else None
            wire = _wire_of(made)(made.sheet, self._clock, pace)
            self._made[name] = made.build(Parts(self._clock, wire, self._secrets))
        return self._made[name]

    def has_key(self, name: str) -> bool | None:
        """Return whether the provider's key is set; None when it needs none."""
        need = self.sheet(name).key
        return None if need is None else all(self._secrets(key) for key in need.names)

    def lacks(self, name: str) -> str | None:
        """Return why a provider cannot be asked at all (which key is not set), or None."""
        need = self.sheet(name).key
        if need is None or need.optional:
            return None
        missing = [key for key in need.names if not self._secrets(key)]
        return f"{missing[0]} is not set" if missing else None

    def with_key(self, name: str, keys: Mapping[str, str]) -> Provider:
        """Return a provider that uses other keys, to try them before they are kept."""
        made = self._class(name)
        wire = _wire_of(made)(made.sheet, self._clock)

        def secrets(key: str) -> str | None:
            return keys.get(key) or self._secrets(key)

        built: Provider = made.build(Parts(self._clock, wire, secrets))
        return built

    def _class(self, name: str) -> Any:
        if name not in self._load:
            raise NotFound(
                "no such provider", value=name, remedy=f"There are {', '.join(sorted(self._load))}."
            )
        return self._load[name]()


def _wire_of(made: Any) -> Any:
    """Return the provider's own wire where its service needs one, else the plain one."""
    return getattr(made, "wire_class", HttpWire)


def _loader(reference: str) -> Callable[[], Any]:
    module, _, name = reference.partition(":")
    return lambda: getattr(import_module(module), name)
