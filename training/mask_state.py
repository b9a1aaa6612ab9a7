r"""Trains the mask-state network: pictures in, one small ONNX file and a report out. Same seed, same views.

Trained on: real street pictures with every face boxed and labelled (a tar and its boxes CSV: file, xmin, ymin, xmax,
ymax, label), and masks drawn (``limen.vision.drawn_masks``) on the bare faces found there and in installed packages,
some of them in the cloth of the real ones. Nothing else is trained on; other sets only measure.

Pictures are varied as doors vary them (``views.py``). Faces with something else hung before them get a target that
favours no state, so that the answer there is ``unsure``. Three members are trained and their logits averaged; each
leaves out another eighth of the pictures, and the report is of what each member says about those.

Temperature and one offset per state calibrate the probabilities. They are fitted on portraits that nothing is trained
on: as they are, and with a mask drawn rightly and wrongly.

    pip install -r training/requirements.in
    python training/mask_state.py --images boxes-dev.tar --boxes boxes.csv --calibrate-on lfw-dev.tar \
        --out src/limen/vision/networks
"""

from __future__ import annotations

import argparse
import json
import sys
import zlib
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from limen.evaluation.pictures import PictureSet
from network import Ensemble, MaskStateNet, exported
from views import Face, FaceFinder, View, calibration_crops, faces_of, package_faces, training_views

SEED = 20261123
MEMBERS = 3
VIEWS = {"without_mask": 220, "with_mask": 14, "worn_wrong": 60}
EPOCHS = 24
BATCH = 128
HELD_OUT = 8
BLENDED = ("none", "worn real", "incorrect real")
_EYES_ROW = 16
CLASSES = ("none", "incorrect", "worn")


def main() -> None:
    """Read arguments, train, write the network and its report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--boxes", type=Path, required=True)
    parser.add_argument("--calibrate-on", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    arguments = parser.parse_args()
    finder = FaceFinder()
    faces = [*faces_of(PictureSet([arguments.images]), arguments.boxes, finder), *package_faces(finder)]
    views = _views(faces)
    data = _Views(views)
    members, left_out = [], np.full((len(views), len(CLASSES)), np.nan, dtype=np.float32)
    for member in range(MEMBERS):
        mine = data.folds == member
        members.append(_train(data, torch.from_numpy(~mine), seed=SEED + member, epochs=arguments.epochs))
        left_out[mine] = _answers(members[-1], data.crops[mine]).numpy()
    network = Ensemble(members)
    calibration = _calibrated(network, *calibration_crops(PictureSet([arguments.calibrate_on]), finder, seed=SEED))
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "mask-state-2026nov.onnx").write_bytes(exported(network, **calibration))
    known = np.isfinite(left_out).all(axis=1)
    report = {
        "seed": SEED,
        "members": MEMBERS,
        "faces": {label: sum(face.label == label for face in faces) for label in sorted(VIEWS)},
        "views": len(views),
        "parameters": sum(p.numel() for p in network.parameters()),
        **calibration,
        "left_out": _recalls(left_out[known], [view.kind for view, out in zip(views, known, strict=True) if out]),
    }
    (arguments.out / "mask-state-2026nov.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    print(json.dumps(report, indent=1))


class _Views:
    """Everything a member is trained on."""

    def __init__(self, views: list[View]) -> None:
        self.folds = np.array([zlib.crc32(view.picture.encode()) % HELD_OUT for view in views])
        self.crops = _crops(views)
        self.targets = torch.tensor(np.array([view.target for view in views]), dtype=torch.float32)
        self.weights = torch.tensor(_weights(views), dtype=torch.float32)
        self.blends = torch.tensor([BLENDED.index(view.kind) if view.kind in BLENDED else -1 for view in views])


def _views(faces: list[Face]) -> list[View]:
    kept = [face for face in faces if zlib.crc32(face.picture.encode()) % HELD_OUT >= MEMBERS]
    donors = [face for face in kept if face.label == "with_mask"]
    views: list[View] = []
    for number, face in enumerate(faces):
        rng = np.random.default_rng([SEED, number])
        views.extend(training_views(face, count=VIEWS[face.label], donors=donors, rng=rng))
    return views


def _crops(views: list[View]) -> torch.Tensor:
    """uint8 (n, 3, 64, 64) BGR."""
    with Pool(2) as pool:
        rows = []
        for done, crop in enumerate(pool.imap(View.crop, views, chunksize=64), start=1):
            rows.append(crop.transpose(2, 0, 1))
            if done % 1000 == 0:
                print(f"\r{done} of {len(views)} views", end="", file=sys.stderr, flush=True)
    return torch.from_numpy(np.stack(rows))


def _weights(views: list[View]) -> np.ndarray:
    """Every kind of view weighs a set share, however many there are."""
    kinds = np.array([view.kind for view in views])
    shares = {
        "none": 5.0,
        "none with something before it": 0.8,
        "incorrect": 1.5,
        "incorrect, low": 0.4,
        "incorrect real": 0.4,
    }
    shares |= {"worn": 1.2, "worn real": 4.5, "covered": 0.2}
    weights = np.zeros(len(views))
    for kind, share in shares.items():
        weights[kinds == kind] = share / max(1, int((kinds == kind).sum()))
    return weights / weights.mean()


def _train(data: _Views, chosen: torch.Tensor, *, seed: int, epochs: int) -> MaskStateNet:
    torch.manual_seed(seed)
    crops, targets, weights, blends = (part[chosen] for part in (data.crops, data.targets, data.weights, data.blends))
    network = MaskStateNet().to(memory_format=torch.channels_last)
    mates = {kind: torch.nonzero(blends == kind)[:, 0] for kind in range(len(BLENDED))}
    steps = epochs * (len(crops) // BATCH)
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=5e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=4e-3, total_steps=steps)
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998)
    )
    for epoch in range(epochs):
        network.train()
        order, total = torch.randperm(len(crops)), 0.0
        for batch in order[: len(order) // BATCH * BATCH].split(BATCH):
            x = _other_eyes(_blended(crops, batch, mates=mates, of=blends), crops)
            x = _changed(x).contiguous(memory_format=torch.channels_last)
            losses = -(targets[batch] * functional.log_softmax(network(x), dim=1)).sum(dim=1)
            loss = (losses * weights[batch]).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            average.update_parameters(network)
            total += float(loss.detach())
        print(
            f"\repoch {epoch + 1} of {epochs}: {total / (len(order) // BATCH):.4f}  ",
            end="",
            file=sys.stderr,
            flush=True,
        )
    torch.optim.swa_utils.update_bn(
        [_changed(part.float()) for part in crops[torch.randperm(len(crops))[:4096]].split(256)], average
    )
    print(file=sys.stderr)
    return average.module.eval()


def _blended(
    crops: torch.Tensor, batch: torch.Tensor, *, mates: dict[int, torch.Tensor], of: torch.Tensor
) -> torch.Tensor:
    """A batch in which half of the bare and of the masked faces are a blend of two of their kind.

    Crops are aligned, so a blend of two faces is another face, and ninety bare ones become thousands.
    """
    x = crops[batch].float()
    other, share = x.clone(), torch.rand(len(batch)) * 0.4 + 0.3
    share[torch.rand(len(batch)) < 0.5] = 0.0
    for kind, rows in mates.items():
        mine = torch.nonzero(of[batch] == kind)[:, 0]
        other[mine] = crops[rows[torch.randint(len(rows), (len(mine),))]].float()
    share = share[:, None, None, None]
    return x * (1 - share) + other * share


def _other_eyes(x: torch.Tensor, crops: torch.Tensor) -> torch.Tensor:
    """A third of the faces with the eyes and forehead of any other: what is above the nose says nothing of a mask."""
    count = len(x)
    seam = _EYES_ROW + torch.randn(count, 1, 1, 1) * 1.5
    rows = torch.arange(x.shape[2], dtype=torch.float32)[None, None, :, None]
    above = ((seam - rows) / 3.0 + 0.5).clamp(0, 1) * (torch.rand(count, 1, 1, 1) < 1 / 3)
    return x * (1 - above) + crops[torch.randint(len(crops), (count,))].float() * above


def _changed(x: torch.Tensor) -> torch.Tensor:
    """Mirrored, shifted, lit and tinted anew every time, with a patch out now and then."""
    count = len(x)
    flip = torch.rand(count) < 0.5
    x = torch.where(flip[:, None, None, None], x.flip(3), x)
    angle, zoom = torch.randn(count) * 0.08, 1 + torch.randn(count, 2) * 0.08
    affine = torch.zeros(count, 2, 3)
    affine[:, 0, 0], affine[:, 1, 1] = zoom[:, 0] * torch.cos(angle), zoom[:, 1] * torch.cos(angle)
    affine[:, 0, 1], affine[:, 1, 0] = -zoom[:, 0] * torch.sin(angle), zoom[:, 1] * torch.sin(angle)
    affine[:, :, 2] = torch.randn(count, 2) * 0.04
    grid = functional.affine_grid(affine, list(x.shape), align_corners=False)
    x = functional.grid_sample(x, grid, align_corners=False, padding_mode="border")
    mean = x.mean(dim=(2, 3), keepdim=True)
    x = (x - mean) * (1 + torch.randn(count, 1, 1, 1) * 0.2).clamp(0.4, 1.6) + mean
    x = x * (1 + torch.randn(count, 3, 1, 1) * 0.1) * (1 + torch.randn(count, 1, 1, 1) * 0.25).clamp(0.4, 1.7)
    grey = x.mean(dim=1, keepdim=True)
    x = grey + (x - grey) * (1 + torch.randn(count, 1, 1, 1) * 0.35).clamp(0, 2)
    swap = torch.rand(count) < 0.15
    x = torch.where(swap[:, None, None, None], x[:, torch.randperm(3)], x)
    return (x + torch.randn_like(x) * 4 * torch.rand(count, 1, 1, 1)).clamp(0, 255)


def _answers(network: torch.nn.Module, crops: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return torch.cat([network(part.float()) for part in crops.split(256)])


def _calibrated(network: torch.nn.Module, crops: np.ndarray, states: np.ndarray) -> dict[str, object]:
    """Temperature and offsets (of the first and last state) with the least cross entropy."""
    with_mirror = [_answers(network, torch.from_numpy(part.copy())) for part in (crops, crops[..., ::-1])]
    logits, truth = (with_mirror[0] + with_mirror[1]) / 2, torch.from_numpy(states)
    log_temperature, offsets = torch.zeros(1, requires_grad=True), torch.zeros(2, requires_grad=True)
    optimiser = torch.optim.LBFGS([log_temperature, offsets], max_iter=200)

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        moved = torch.stack([offsets[0], torch.zeros(()), offsets[1]])
        value = functional.cross_entropy(logits / log_temperature.exp() + moved, truth)
        value.backward()
        return value

    optimiser.step(loss)
    none, worn = offsets.tolist()
    return {
        "temperature": round(float(log_temperature.exp()), 3),
        "offsets": [round(none, 3), 0.0, round(worn, 3)],
    }


def _recalls(logits: np.ndarray, kinds: list[str]) -> dict[str, dict[str, float]]:
    """Share of left-out views by kind that get each answer of a member that has not seen them."""
    answers, names = logits.argmax(axis=1), np.array(kinds)
    return {
        kind: {name: round(float((answers[names == kind] == place).mean()), 4) for place, name in enumerate(CLASSES)}
        | {"n": int((names == kind).sum())}
        for kind in sorted(set(kinds))
    }


if __name__ == "__main__":
    main()
