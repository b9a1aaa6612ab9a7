"""Whether one OpenAPI document breaks what another promised: what was asked before is answered as before.

How to use: ``assert breaking(promised, now) == []``. A break is a path, method, answer or field that is gone, a request
field or parameter that has become needed, a choice that is refused now, another type.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["breaking"]


def breaking(promised: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What is broken, each in a few words; Any beside a foreign format: JSON."""
    return [*_paths(promised["paths"], now["paths"]), *_schemas(promised, now)]


def _paths(promised: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    for path, methods in promised.items():
        for method, before in methods.items():
            after = now.get(path, {}).get(method)
            if after is None:
                yield f"{method} {path} is gone"
                continue
            for status in before["responses"]:
                if status not in after["responses"]:
                    yield f"{method} {path}: the answer {status} is gone"
            yield from (f"{method} {path}: {words}" for words in _parameters(before, after))
            if "requestBody" in after and "requestBody" not in before:
                yield f"{method} {path}: a body is needed now"
            if not set(before["x-limen-roles"]) <= set(after["x-limen-roles"]) and after["x-limen-roles"]:
                yield f"{method} {path}: a role may not do it any more"


def _parameters(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    known = {(one["in"], one["name"]): one for one in before.get("parameters", [])}
    for one in after.get("parameters", []):
        old = known.pop((one["in"], one["name"]), None)
        if one.get("required", False) and not (old or {}).get("required", False):
            yield f"{one['name']} is needed now"
    yield from (f"{name} is gone" for _, name in known)


def _schemas(promised: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    asked = _asked(promised)
    for name, before in promised["components"]["schemas"].items():
        after = now["components"]["schemas"].get(name)
        if after is None:
            yield f"{name} is gone"
            continue
        for field, old in before.get("properties", {}).items():
            new = after.get("properties", {}).get(field)
            if new is None:
                yield f"{name}.{field} is gone"
            elif _kind(old) != _kind(new):
                yield f"{name}.{field} is of another type"
            elif name in asked and not set(old.get("enum", ())) <= set(new.get("enum", old.get("enum", ()))):
                yield f"{name}.{field} takes fewer choices"
        if name in asked:
            needed = set(after.get("required", ())) - set(before.get("required", ()))
            yield from (f"{name}.{field} is needed now" for field in sorted(needed))
        else:
            lost = set(before.get("required", ())) - set(after.get("required", ()))
            yield from (f"{name}.{field} may be missing now" for field in sorted(lost))


def _kind(schema: dict[str, Any]) -> Any:
    return schema.get("type") or schema.get("$ref") or sorted(str(one) for one in schema.get("anyOf", ()))


def _asked(document: dict[str, Any]) -> set[str]:
    """Names of the schemas that requests are made of."""
    return {
        content["schema"]["$ref"].rpartition("/")[2]
        for methods in document["paths"].values()
        for operation in methods.values()
        for content in operation.get("requestBody", {}).get("content", {}).values()
        if "$ref" in content["schema"]
    }
