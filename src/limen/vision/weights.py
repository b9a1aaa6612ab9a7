"""Model file -> verified, folded graph, cached.

(1) The file is found as package data, or where `limen models add` put it. (2) Its SHA-256 must be the manifest's.
(3) It is folded to float32 once; the result is kept in the user's cache with a digest of its own and made again when
that does not hold. Nothing is downloaded. The cache is as safe as the user's home folder (docs/limits.md).

What is in the cache is handed on as a file: the runtime then reads it piece by piece, and 39 MB of SFace need not be in
memory beside what they become. Digests are taken piece by piece for the same reason.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from importlib.util import find_spec
from pathlib import Path

from limen.core.errors import ModelError
from limen.vision.manifest import ModelCard

__all__ = ["FOLDING", "load_graph", "locate", "verify"]

FOLDING = 2
"""Counts up when folding changes, so that an old cache is not used."""


def locate(card: ModelCard, *, folder: Path | None = None) -> Path:
    """The file a manifest entry speaks of. The package is only looked up, its code is never imported.

    Raises:
        ModelError: the package or the file is not there.
    """
    if card.package is None:
        base = folder
    else:
        spec = find_spec(card.package)
        base = Path(spec.origin).parent if spec is not None and spec.origin is not None else None
    path = None if base is None else base / card.path
    if path is None or not path.is_file():
        where = f"the package {card.package}" if card.package else str(folder)
        raise ModelError(
            f"{card.name}: its file is not in {where}",
            advice=f"install it again: pip install --force-reinstall {card.package}"
            if card.package
            else "add the model again with `limen models add`",
        )
    return path


def verify(card: ModelCard, *, folder: Path | None = None) -> bytes:
    """Read a model file and check its digest; what is returned is what was checked.

    Raises:
        ModelError: missing, unreadable, or altered.
    """
    path = locate(card, folder=folder)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    _compare(card, path, hashlib.sha256(content).hexdigest())
    return content


def _check(card: ModelCard, *, folder: Path | None) -> None:
    """``verify`` without holding the file."""
    path = locate(card, folder=folder)
    try:
        found = _digest(path)
    except OSError as error:
        raise _unreadable(path, error) from error
    _compare(card, path, found)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unreadable(path: Path, error: OSError) -> ModelError:
    return ModelError(f"{path}: cannot be read ({error.strerror})", advice="check its permissions")


def _compare(card: ModelCard, path: Path, found: str) -> None:
    if found != card.sha256:
        raise ModelError(
            f"{path.name}: the file has been altered (SHA-256 is {found[:12]}…, expected {card.sha256[:12]}…)",
            advice=f"install it again: pip install --force-reinstall {card.package}"
            if card.package
            else "add the model again with `limen models add`",
        )


def load_graph(card: ModelCard, *, cache: Path, folder: Path | None = None) -> bytes | Path:
    """The folded float32 graph of a model, from the cache if it is there and whole.

    Args:
        card: the manifest entry.
        cache: folder for folded graphs; made if missing; not being able to write it costs only time.
        folder: where the file is, for a model that no package carries.

    Returns:
        The file in the cache, whose digest holds; the graph itself where the cache cannot be written.

    Raises:
        ModelError: the source file is missing, altered or not understood.
    """
    kept = cache / f"{card.sha256[:16]}-fold{FOLDING}.onnx"
    if _is_whole(kept):
        _check(card, folder=folder)
        return kept
    source = verify(card, folder=folder)
    from limen.vision.folding import fold_bytes  # noqa: PLC0415  onnx takes 0.3 s to import and is needed but once

    try:
        graph = fold_bytes(source, symbolic_size=card.role == "detector")
    except Exception as error:  # protobuf, onnx.checker and numpy each raise their own classes on a strange graph
        raise ModelError(
            f"{card.name}: not a graph limen understands ({error})", advice="use an ONNX export with one image input"
        ) from error
    with contextlib.suppress(OSError):
        _write_cached(kept, graph)
        return kept
    return graph


def _is_whole(kept: Path) -> bool:
    try:
        return _digest(kept) == kept.with_suffix(".sha256").read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return False


def _write_cached(kept: Path, graph: bytes) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256(graph).hexdigest().encode("ascii")
    for path, content in ((kept, graph), (kept.with_suffix(".sha256"), digest)):
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        temporary.write_bytes(content)
        os.replace(temporary, path)  # noqa: PTH105  Path.replace is the same call; this names the atomic one
