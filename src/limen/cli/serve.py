"""`limen serve`: API, kiosk, console and self-service, and the doors of this site, in one process."""

from __future__ import annotations

import sys
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from limen.bootstrap import Site
from limen.bootstrap.logs import configure_logging
from limen.cli.opening import open_or_create_trial
from limen.cli.output import DONE, DataOption, JsonOption, Output
from limen.cli.privacy import report_of
from limen.core.errors import ConfigError

if TYPE_CHECKING:
    from limen.web.serving import Listening

__all__ = ["main"]

_PORTS = {False: 8080, True: 8443}


class Tls(StrEnum):
    """Where the certificate comes from."""

    OFF = "off"
    OWN = "own"
    FILES = "files"
    PROXY = "proxy"


def main(
    *,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="8080, with TLS 8443; 0 is any free one.")] = None,
    tls: Annotated[
        Tls,
        typer.Option(
            help="off: this machine alone. own: a certificate authority of this site. files: yours. "
            "proxy: one on this machine ends it."
        ),
    ] = Tls.OFF,
    name: Annotated[
        list[str] | None, typer.Option("--name", help="A name or address that browsers use; for `--tls own`.")
    ] = None,
    certificate: Annotated[Path | None, typer.Option(help="For `--tls files`: the chain, PEM.")] = None,
    key: Annotated[Path | None, typer.Option(help="For `--tls files`: the private key, PEM.")] = None,
    doors: Annotated[
        bool, typer.Option("--doors/--no-doors", help="Whether this process keeps the doors, too.")
    ] = True,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Serve API, kiosk, console and self-service, and keep the doors; Ctrl-C or SIGTERM ends it."""
    output = Output(json_wanted=json)
    with open_or_create_trial(data, output) as site:
        configure_logging(json=True if json or not sys.stderr.isatty() else None)
        from limen.web.live.doors import LiveDoors  # noqa: PLC0415  no other command needs a service

        kept = LiveDoors(site)
        if doors:
            kept.start()  # they load their models while the pages are being read
        try:
            from limen.web.service import Service  # noqa: PLC0415
            from limen.web.serving import serve  # noqa: PLC0415

            listening = _listening(
                site, output, host=host, port=port, tls=tls, names=name or [], files=(certificate, key)
            )
            service = Service(site=site, tls=tls is not Tls.OFF, privacy_report=lambda: report_of(site), started=kept)
            scheme = "http" if tls in {Tls.OFF, Tls.PROXY} else "https"

            def ready(actual: int) -> None:
                address = f"{scheme}://{_shown(host)}:{actual}"
                link = service.first_link()
                first = None if link is None else f"{address}{link}"
                said = [] if first is None else [f"Nobody runs this site yet. Begin here, once, within a day: {first}"]
                output.answer({"serving": address, "first_administrator": first}, f"Serving at {address}", *said)
                sys.stdout.flush()

            serve(service, listening, ready=ready)
        finally:
            kept.stop()
    return DONE


def _listening(
    site: Site,
    output: Output,
    *,
    host: str,
    port: int | None,
    tls: Tls,
    names: list[str],
    files: tuple[Path | None, Path | None],
) -> Listening:
    from limen.web.serving import Listening  # noqa: PLC0415

    if tls in {Tls.OFF, Tls.PROXY} and not _is_this_machine(host):
        raise ConfigError(
            f"--host {host}: without TLS, passwords and pictures would cross the network in the clear",
            advice="add --tls own or --tls files; or listen at 127.0.0.1 and let a proxy there end TLS (--tls proxy)",
        )
    place, pem = files
    if tls is Tls.OWN:
        from limen.bootstrap.own_authority import own_tls  # noqa: PLC0415

        own = own_tls(site.settings.data, names=names, at=site.clock.now())
        output.aside.print(f"Devices have to trust {own.authority}, SHA-256 {own.fingerprint}", soft_wrap=True)
        place, pem = own.certificate, own.key
    elif tls is Tls.FILES and (place is None or pem is None):
        raise ConfigError("--tls files: certificate or key is missing", advice="name both: --certificate, --key")
    secured = tls in {Tls.OWN, Tls.FILES}
    return Listening(
        host=host,
        port=_PORTS[secured] if port is None else port,
        certificate=place if secured else None,
        key=pem if secured else None,
        behind_proxy=tls is Tls.PROXY,
    )


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
