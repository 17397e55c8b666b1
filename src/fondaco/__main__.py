"""The program `fondaco`: hands the command line its parts; nothing heavy is loaded for `--help`."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fondaco.catalogue import CAPABILITIES
from fondaco.surfaces.cli.parts import Parts
from fondaco.surfaces.cli.run import run
from fondaco.surfaces.cli.tree import build_cli

if TYPE_CHECKING:
    from fondaco.app import App
    from fondaco.core.jobs import Progress
    from fondaco.surfaces.web.ports import Views

POLL_SECONDS = 0.1


def main() -> None:
    """Run the command line that the process was started with."""
    parts = Parts(CAPABILITIES, open_desk, Programs(), wait, interactive)
    sys.exit(run(build_cli(parts), sys.argv[1:]))


@contextmanager
def open_desk() -> "Iterator[App]":
    """Open the desk of the settings; where nobody works for it, this process does."""
    from fondaco.app import open_app
    from fondaco.core.settings import load_settings

    with open_app(load_settings(), alone=True) as app:
        yield app


def wait() -> None:
    """Pause between two looks at a job."""
    time.sleep(POLL_SECONDS)


def interactive() -> bool:
    """Return whether a person can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


class Programs:
    """What runs beside the catalogue; each is loaded when it is started."""

    def prepare(self, progress: "Progress") -> None:
        """Set the desk up as far as it is not."""
        with open_desk() as app:
            app.prepare(progress)

    def serve(self) -> None:
        """Serve the terminal, REST and MCP until the process is stopped."""
        from fondaco.adapters.system.entropy import system_entropy
        from fondaco.app import open_app
        from fondaco.core.settings import load_settings
        from fondaco.surfaces.keys import Role, desk_keys, key_of
        from fondaco.surfaces.serve import address, run_server, welcome
        from fondaco.surfaces.site import build_site
        from fondaco.surfaces.web.access import Access
        from fondaco.surfaces.web.login import link
        from fondaco.surfaces.web.mount import mount

        settings = load_settings()
        keys = desk_keys(settings, system_entropy)
        with open_app(settings) as app:
            access = Access(
                lambda: key_of(Role.PERSON, settings, system_entropy), app.clock, app.ids
            )
            site = build_site(app, keys, (settings.host,), app.metrics)
            mount(site, app, views_of(app), access, names=(settings.host,))
            app.worker.wait_for_turn()
            where = address(settings.host, settings.port)
            run_server(
                site, settings.host, settings.port, welcome(where, link(where, access), settings)
            )

    def mcp(self) -> None:
        """Serve MCP over standard input and output."""
        from fondaco.surfaces.mcp.serve import run_stdio

        with open_desk() as app:
            run_stdio(app)

    def down(self) -> None:
        """Stop the database of the data folder; one on a server is not ours to stop."""
        from fondaco.adapters.stores.postgres.embedded import EmbeddedServer
        from fondaco.adapters.stores.postgres.stores import FOLDER
        from fondaco.core.settings import load_settings

        settings = load_settings()
        if settings.database_url is None:
            EmbeddedServer(settings.home / FOLDER).stop()


def views_of(app: "App") -> "Views":
    """Return what the web terminal looks at beside the catalogue."""
    from fondaco.surfaces.web.ports import Listing, Status, Views

    def status() -> Status:
        now = app.terminal.status()
        return Status(
            account=now.account,
            mode="PAPER",
            label=now.label,
            market_time=now.market_time,
            replay=now.replay,
            stale=now.stale,
            health=now.health,
            health_detail=now.health_detail,
            change=now.change,
        )

    def listings() -> tuple[Listing, ...]:
        return tuple(Listing(i.symbol, i.name, i.detail) for i in app.terminal.listings())

    from fondaco.desk.terminal import INDICATORS

    return Views(
        status=status,
        listings=listings,
        chart=app.terminal.chart,
        indicators=INDICATORS,
        report=app.reports.path,
    )


if __name__ == "__main__":
    main()
