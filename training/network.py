"""The mask-state network: five plain convolutions, global averages over three bands of height, one linear layer."""

from __future__ import annotations

import io
import itertools

import torch
from torch import nn

__all__ = ["Ensemble", "MaskStateNet", "exported"]

SIDE_PX = 64
_BANDS = 4


class MaskStateNet(nn.Module):
    """float32 (n, 3, 64, 64) BGR, 0 to 255 -> logits (n, 3)."""

    def __init__(self) -> None:
        super().__init__()
        widths = (3, 16, 32, 48, 64, 96)
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(widths):
            stride = 1 if after == widths[-1] else 2
            layers += [
                nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False),
                nn.BatchNorm2d(after),
                nn.ReLU(),
            ]
            if after in (32, 64):
                layers += [nn.Conv2d(after, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
        self.convolutions = nn.Sequential(*layers)
        self.dropout = nn.Dropout(0.3)
        self.answer = nn.Linear(widths[-1] * _BANDS, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits."""
        maps = self.convolutions((x - 127.5) / 64.0)
        return self.answer(self.dropout(maps.mean(dim=3).flatten(1)))


class Ensemble(nn.Module):
    """The mean of several networks' logits."""

    def __init__(self, members: list[MaskStateNet]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits."""
        return torch.stack([member(x) for member in self.members]).mean(dim=0)


class _Calibrated(nn.Module):
    def __init__(self, network: nn.Module, temperature: float, offsets: list[float]) -> None:
        super().__init__()
        self.network, self.temperature = network, temperature
        self.register_buffer("offsets", torch.tensor(offsets))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.softmax(self.network(x) / self.temperature + self.offsets, dim=1)


def exported(network: nn.Module, *, temperature: float, offsets: list[float]) -> bytes:
    """The network with its calibration as an ONNX file, batch size free."""
    file = io.BytesIO()
    torch.onnx.export(
        _Calibrated(network.eval(), temperature, offsets).eval(),
        (torch.zeros(1, 3, SIDE_PX, SIDE_PX),),
        file,
        input_names=["crops"],
        output_names=["probabilities"],
        dynamic_axes={"crops": {0: "n"}, "probabilities": {0: "n"}},
        dynamo=False,
    )
    return file.getvalue()
