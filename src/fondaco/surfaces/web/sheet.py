"""The side sheet: details open beside the page, not instead of it."""

from collections.abc import Iterator
from contextlib import contextmanager

from nicegui import ui

from fondaco.surfaces.web.tags import button, tag


class Sheet:
    """One sheet for each tab; opening it again replaces what it shows. Esc closes it."""

    def __init__(self) -> None:
        self._dialog = ui.dialog().props(
            'position=right full-height transition-duration=0 aria-label="Details"'
        )
        with self._dialog:
            self._body = ui.card().classes("sheet")

    @contextmanager
    def open(self, title: str) -> Iterator[None]:
        """Show the sheet with a title; what is drawn inside stands in it."""
        self._body.clear()
        self._dialog.open()
        with self._body:
            with tag("header"):
                tag("h2", title)
                button("Close", self.close, "tool", aria_label=f"Close {title}")
            yield

    def close(self) -> None:
        """Hide the sheet."""
        self._dialog.close()
