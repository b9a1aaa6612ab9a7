"""limen's own source read as trees: every name it gives, every key it writes, every module it imports.

How to use: ``modules()`` lists all modules; ``names_of(module)`` and ``imports_of(module)`` say what is in one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import limen

__all__ = ["Module", "imports_of", "modules", "names_of", "words_of"]

_ROOT = Path(limen.__file__).parent
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One source file.

    Attributes:
        name: dotted, for instance ``limen.core.face``.
        tree: what Python reads in it.
    """

    name: str
    tree: ast.Module = field(repr=False)

    @property
    def room(self) -> str:
        """The first name below ``limen``, or the empty string."""
        return self.name.partition(".")[2].partition(".")[0]


def modules() -> tuple[Module, ...]:
    """All modules of the installed limen."""
    found = []
    for path in sorted(_ROOT.rglob("*.py")):
        parts = ["limen", *path.relative_to(_ROOT).with_suffix("").parts]
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found.append(Module(name=name, tree=ast.parse(path.read_text("utf-8"), filename=str(path))))
    return tuple(found)


def names_of(module: Module) -> Iterator[str]:
    """Everything the module names or writes as a key.

    That is: the module itself, classes, functions, arguments, variables, fields, enum values, keys of dictionaries,
    keyword arguments, and command-line options.
    """
    yield module.name.rpartition(".")[2]
    for node in ast.walk(module.tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
                yield name
            case ast.Dict(keys=keys):
                yield from (key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str))
            case ast.Subscript(slice=ast.Constant(value=str(key))):
                yield key
            case ast.Assign(value=ast.Constant(value=str(text))) if _is_word(text):
                yield text
            case ast.Constant(value=str(text)) if text.startswith("--"):
                yield text
            case _:
                pass


def imports_of(module: Module) -> Iterator[str]:
    """Dotted names of all modules it imports, wherever in the file."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Import(names=names):
                yield from (item.name for item in names)
            case ast.ImportFrom(module=str(source), names=names):
                yield source
                yield from (f"{source}.{item.name}" for item in names)
            case _:
                pass


def words_of(name: str) -> tuple[str, ...]:
    """The words in a name, lower case: ``SubjectAge_yearsOld`` is subject, age, years, old."""
    return tuple(word.lower() for word in _WORD.findall(name))


def _is_word(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z][A-Za-z0-9_:/-]*", text) is not None
