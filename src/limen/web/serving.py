"""Serves until it is told to stop, and stops without losing an answer.

1. SIGTERM and SIGINT: no new connection is taken, live streams are ended, requests at hand are answered, doors end
   after the frame at hand. A second SIGINT does not wait for requests.
2. Threads that look at frames give way to those that answer within a millisecond.
3. Whatever was answered is durable before it is answered: stopping has nothing to save.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from typing_extensions import override

from limen.core.errors import ConfigError
from limen.web.app import create_app
from limen.web.live.camera import MOST_BYTES
from limen.web.service import Service

__all__ = ["Listening", "serve"]

_WAITS_S = 10
_GIVES_WAY_S = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where the service listens.

    Attributes:
        host, port: 0 takes any free port.
        certificate, key: of TLS; None without.
        behind_proxy: a proxy on this machine ends TLS, and says who asks.
    """

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None
    behind_proxy: bool = False


class _Server(uvicorn.Server):
    """Ends live streams when it is told to stop, and says where it listens once it does."""

    def __init__(self, config: uvicorn.Config, *, service: Service, ready: Callable[[int], None]) -> None:
        super().__init__(config)
        self._service, self._ready = service, ready

    @override
    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.servers:
            self._ready(int(self.servers[0].sockets[0].getsockname()[1]))

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True
        self._service.live.end_feeds()


def serve(service: Service, listening: Listening, *, ready: Callable[[int], None]) -> None:
    """Serve until a signal ends it.

    Args:
        service: with its doors started or not; they are not stopped here.
        listening: where.
        ready: told the port once requests are answered.

    Raises:
        ConfigError: nobody can listen there, or the certificate cannot be used.
    """
    sys.setswitchinterval(_GIVES_WAY_S)
    try:
        config = uvicorn.Config(
            create_app(service),
            host=listening.host,
            port=listening.port,
            ssl_certfile=listening.certificate,
            ssl_keyfile=listening.key,
            proxy_headers=listening.behind_proxy,
            ws="websockets-sansio",
            ws_max_size=2 * MOST_BYTES,
            ws_per_message_deflate=False,
            lifespan="off",
            timeout_graceful_shutdown=_WAITS_S,
            log_config=None,
            access_log=False,
            server_header=False,
        )
        server = _Server(config, service=service, ready=ready)
        server.run()
    except (OSError, SystemExit) as error:
        raise ConfigError(
            f"the service cannot listen at {listening.host}, port {listening.port}",
            advice="choose another --port, and check the certificate if there is one",
        ) from error
    if not server.started:
        raise ConfigError(
            f"the service cannot listen at {listening.host}, port {listening.port}", advice="choose another --port"
        )
