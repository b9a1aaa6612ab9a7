"""Every error tells a person what happened and what to do."""

from __future__ import annotations

import inspect

import pytest

from limen.core import errors
from limen.core.errors import LimenError, RefusedError

_KINDS = [getattr(errors, name) for name in errors.__all__ if name not in {"LimenError", "RefusedError"}]


@pytest.mark.parametrize("kind", _KINDS, ids=lambda kind: kind.__name__)
def test_an_error_carries_message_advice_and_code(kind: type[LimenError]) -> None:
    """The message is the exception's text, the advice is asked for, the code is the kind in one word."""
    error = kind("the disk is full", advice="make room")
    assert (str(error), error.advice(), error.code) == (
        "the disk is full",
        "make room",
        kind.__name__.removesuffix("Error").lower(),
    )


@pytest.mark.parametrize("kind", [LimenError, *_KINDS], ids=lambda kind: kind.__name__)
def test_there_is_no_error_without_advice(kind: type[LimenError]) -> None:
    """Leaving the advice out is misuse."""
    with pytest.raises(TypeError, match="advice"):
        kind("the disk is full")  # type: ignore[call-arg]


def test_a_refusal_names_its_reason_too() -> None:
    """A refusal has a reason that programs can tell apart."""
    error = RefusedError("no face found", advice="come closer", reason="no_face")
    assert (error.code, error.reason, error.advice()) == ("refused", "no_face", "come closer")


def test_codes_tell_the_kinds_apart() -> None:
    """No two kinds of error share a code."""
    codes = [kind.code for kind in (LimenError, RefusedError, *_KINDS)]
    assert len(set(codes)) == len(codes)


def test_all_errors_stand_in_the_list_and_descend_from_one() -> None:
    """Whatever the module defines is exported, ends in Error and is a LimenError one step down."""
    defined = {
        name: kind for name, kind in inspect.getmembers(errors, inspect.isclass) if kind.__module__.startswith("limen")
    }
    assert set(errors.__all__) == set(defined)
    for name, kind in defined.items():
        assert name.endswith("Error")
        assert kind is LimenError or kind.__bases__ == (LimenError,)
