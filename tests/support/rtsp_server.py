"""A network camera made of Debian's GStreamer: serves numbered pictures of a folder in a loop, as H.264 over RTSP.

How to use: ``rtsp_server.py PORT FOLDER RATE LOSS`` under the system's Python, which has Debian's bindings; LOSS
is the share of coded pictures it drops. It prints ``ready`` when it listens and ends when its input is closed. It is
started as a process and never imported.
"""

from __future__ import annotations

import sys
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402  the versions have to be chosen first

_PATH = "/door"
_PIPELINE = (
    "( multifilesrc location={folder}/%03d.jpg loop=true caps=image/jpeg,framerate={rate}/1 ! jpegdec ! videoconvert"
    " ! video/x-raw,format=I420 ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max={rate} bitrate=4000"
    " ! identity drop-probability={loss} ! rtph264pay name=pay0 pt=96 config-interval=1 )"
)


def main(port: str, folder: str, rate: str, loss: str) -> None:  # noqa: PLR0917  the words of its command line
    """Serve until the input is closed."""
    Gst.init(None)
    factory: Any = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(_PIPELINE.format(folder=folder, rate=rate, loss=loss))
    factory.set_shared(True)
    server: Any = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    server.get_mount_points().add_factory(_PATH, factory)
    if not server.attach(None):
        sys.exit(f"port {port} is taken")
    loop: Any = GLib.MainLoop()
    GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP, lambda *_: loop.quit())
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    loop.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
