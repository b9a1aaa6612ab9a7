"""Settings of what people carry, and the reasons that have to be written before any kind of template is used."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from limen.flows.written import SHORTEST
from limen.settings.section import Section

__all__ = ["KindSettings", "PassSettings"]


def _long_enough(text: str) -> str:
    if text and len(text.strip()) < SHORTEST:
        raise ValueError(f"a reason has at least {SHORTEST} characters; write a sentence")
    return text


class PassSettings(Section):
    """Face passes and badges."""

    fmr: float = Field(
        default=1e-4,
        gt=0,
        le=0.01,
        title="Others who may pass with somebody's code (FMR)",
        description="Share of people who may be taken for the holder of a pass or badge that they hold.",
    )
    days: int = Field(
        default=365,
        ge=1,
        le=1098,
        title="Validity (days)",
        description="How long a pass holds; never longer than its holder's agreement.",
    )
    old_embedder: str = Field(
        default="",
        title="Earlier embedding model",
        description="Passes made with it are accepted besides those of `vision.embedder`; leave it empty otherwise.",
    )


_Written = Annotated[str, Field(max_length=4000), AfterValidator(_long_enough)]


class KindSettings(Section):
    """Why a badge is not enough; a live folder uses no kind of template before this is written."""

    pass_why_not_a_badge: _Written = Field(
        default="", title="Face passes", description="Why a badge alone is not enough where face passes are used."
    )
    sealed_why_not_a_badge: _Written = Field(
        default="", title="Badge-locked", description="Why a badge alone is not enough where it unlocks a template."
    )
    gallery_why_not_a_badge: _Written = Field(
        default="", title="Hands-free list", description="Why a badge is not enough where people are on the list."
    )
    gallery_why_one_to_many: _Written = Field(
        default="",
        title="Hands-free list, second reason",
        description="Why neither a face pass nor a badge-locked template would do: why everybody has to be searched.",
    )
