"""A virtual environment for each peer, filled by package name from the index that pip is set up for, and kept.

An environment is named by a digest of what goes into it, so a changed list makes a new one. limen itself is installed
from this repository, without development tools.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from peer_list import LIMEN, Peer

__all__ = ["Environment", "prepare"]

_REPOSITORY = Path(__file__).resolve().parents[2]
_TOOLS = ("pip", "setuptools", "wheel", "_distutils_hack")
_MIB = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """An environment that is ready.

    Attributes:
        python: its interpreter.
        install_mib: what its packages take on disk; pip itself is left out.
        versions: package -> version.
    """

    python: Path
    install_mib: float
    versions: dict[str, str]


def prepare(peer: Peer, *, cache: Path) -> Environment:
    """Make the environment of a peer, or find the one made before.

    Raises:
        subprocess.CalledProcessError: pip could not install it.
    """
    folder = cache / f"{peer.name}-{_digest(peer)[:12]}"
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        print(f"installing {peer.name}", file=sys.stderr)
        _run(sys.executable, "-m", "venv", str(folder))
        packages = [str(_REPOSITORY)] if peer.name == LIMEN else list(peer.packages)
        _run(str(python), "-m", "pip", "install", "--quiet", *packages)
        if peer.alone:
            _run(str(python), "-m", "pip", "install", "--quiet", "--no-deps", *peer.alone)
        (folder / "ready").touch()
    site = next((folder / "lib").glob("python*/site-packages"))
    return Environment(python=python, install_mib=round(_size(site) / _MIB, 1), versions=_versions(python))


def _digest(peer: Peer) -> str:
    digest = hashlib.sha256(repr((sys.version, peer.packages, peer.alone)).encode())
    if peer.name == LIMEN:
        for path in (_REPOSITORY / "pyproject.toml", *sorted((_REPOSITORY / "src").rglob("*"))):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _size(site: Path) -> int:
    files = (path for path in site.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sum(path.stat().st_size for path in files if not path.relative_to(site).parts[0].startswith(_TOOLS))


def _versions(python: Path) -> dict[str, str]:
    listed = json.loads(_run(str(python), "-m", "pip", "list", "--format", "json"))
    return {item["name"].lower(): item["version"] for item in listed if item["name"] not in _TOOLS}


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
