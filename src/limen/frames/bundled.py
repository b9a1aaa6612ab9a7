"""Pictures that installed packages carry, for the demo and for tests; found by name, their code is never imported."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

__all__ = ["ASTRONAUT", "GRACE_HOPPER", "BundledPicture"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledPicture:
    """A picture inside a package.

    Attributes:
        title: who is on it and who made it.
        package: the package that carries it.
        path: inside the package.
    """

    title: str
    package: str
    path: str

    def locate(self) -> Path | None:
        """The file, or None if the package is not installed."""
        spec = find_spec(self.package)
        if spec is None or spec.origin is None:
            return None
        path = Path(spec.origin).parent / self.path
        return path if path.is_file() else None


ASTRONAUT = BundledPicture(
    title="Eileen Collins, NASA (public domain, from scikit-image)", package="skimage", path="data/astronaut.png"
)
GRACE_HOPPER = BundledPicture(
    title="Grace Hopper, US Navy (public domain, from matplotlib)",
    package="matplotlib",
    path="mpl-data/sample_data/grace_hopper.jpg",
)
