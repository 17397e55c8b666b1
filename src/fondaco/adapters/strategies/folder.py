"""Which file or function a reference means, and who may name it."""

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import BoundedSemaphore

from fondaco.adapters.strategies.process import ChildStrategy, Limit, Source
from fondaco.core.errors import InvalidInput, NotFound, Refused, Unavailable
from fondaco.research.ports import UserStrategy

SOURCE_BYTES_MAX = 256 * 1024
CHILDREN_MAX = 4
"""Most strategies of users that run at a time in one desk."""

_PACKAGE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,99}\.py")


class FolderStrategies:
    """Users' strategies: files of one folder, and what is named at the machine itself."""

    def __init__(
        self, folder: Path, limit: Limit | None = None, *, unconfined: bool = False
    ) -> None:
        self._folder, self._limit, self._unconfined = folder, limit or Limit(), unconfined
        self._places = BoundedSemaphore(CHILDREN_MAX)

    def open(
        self,
        reference: str,
        parameters: Mapping[str, float] | None = None,
        *,
        anywhere: bool = False,
    ) -> AbstractContextManager[UserStrategy]:
        """Return the strategy, to be opened by `with`; see `research.ports.UserStrategies`."""
        source = self._source(reference, anywhere=anywhere)
        child = ChildStrategy(source, parameters or {}, self._limit, unconfined=self._unconfined)
        return self._in_a_place(child)

    def read(self, reference: str, *, anywhere: bool = False) -> str:
        """Return the source of a file; see `research.ports.UserStrategies`."""
        text = self._source(reference, anywhere=anywhere).text
        if text is None:
            raise InvalidInput(
                "a function of a package cannot be run as a backtest",
                value=reference,
                bound="a file that ends in .py",
                remedy="Write a file that imports it: what it does is then kept with the trial.",
            )
        return text

    def open_source(
        self, name: str, source: str, parameters: Mapping[str, float] | None = None
    ) -> AbstractContextManager[UserStrategy]:
        """Return a strategy by its source, to be opened by `with`."""
        child = ChildStrategy(
            Source(name, source), parameters or {}, self._limit, unconfined=self._unconfined
        )
        return self._in_a_place(child)

    @contextmanager
    def _in_a_place(self, child: ChildStrategy) -> Iterator[UserStrategy]:
        if not self._places.acquire(blocking=False):
            raise Unavailable(
                "other strategies are running",
                value=CHILDREN_MAX,
                bound=f"{CHILDREN_MAX} at a time",
                remedy="Try again when one has ended.",
            )
        try:
            with child as opened:
                yield opened
        finally:
            self._places.release()

    def _source(self, reference: str, *, anywhere: bool) -> Source:
        if anywhere and _PACKAGE.fullmatch(reference):
            module, _, function = reference.partition(":")
            return Source(reference, None, module, function)
        path = self._path(reference, anywhere=anywhere)
        return Source(path.name, _text(path))

    def _path(self, reference: str, *, anywhere: bool) -> Path:
        inside = self._folder / reference
        if _NAME.fullmatch(reference):
            if inside.is_file():
                # A link would lead out of the folder, and with it whoever may only name its files.
                if not anywhere and inside.resolve().parent != self._folder.resolve():
                    raise self._not_here(reference)
                return inside
        elif not anywhere:
            raise self._not_here(reference)
        path = Path(reference).expanduser()
        if not anywhere or not path.is_file():
            raise NotFound(
                "no such strategy",
                value=reference,
                remedy=f"Give a .py file's path, a file in {self._folder}, or a built-in's name."
                if anywhere
                else "Name a built-in strategy, or a file of the strategies folder.",
            )
        if path.suffix != ".py":
            raise InvalidInput("a strategy is a Python file", value=path.name, bound="*.py")
        return path

    def _not_here(self, reference: str) -> Refused:
        return Refused(
            "only a file of the strategies folder may be named from here",
            value=reference,
            bound="a file's name, without a folder",
            remedy="Copy it there, or check it on the command line of the machine.",
        )


def _text(path: Path) -> str:
    size = path.stat().st_size
    if size > SOURCE_BYTES_MAX:
        raise InvalidInput(
            f"{path.name} is too long for a strategy",
            value=f"{size} bytes",
            bound=f"{SOURCE_BYTES_MAX} bytes",
            remedy="Put what it rests on into a package.",
        )
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path.name} is not UTF-8", value=f"byte {error.start}") from error
    except OSError as error:
        raise InvalidInput(f"{path.name} cannot be read", value=error.strerror) from error
