"""The OpenAPI document: kept, never broken within version 1, and true."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from limen.core.accounts import STAFF
from limen.web.app import API, create_app
from limen.web.security.limits import RateLimit
from support.contract import breaking
from support.doors import DOOR
from support.people import enrol, make_person
from support.service import bearer, served

_Tried = tuple[Any, dict[str, str], dict[str, str]]
_CANNOT_SAY = [positive_data_acceptance, unsupported_method]
"""A schema cannot say that bytes are a picture, or which method another path of the same shape has."""

_COMMITTED = Path(__file__).parents[3] / "docs" / "reference" / "openapi.json"
_PROMISED = Path(__file__).parents[2] / "vectors" / "openapi-1.json"


def test_nothing_that_was_promised_is_broken() -> None:
    """Whoever wrote a program for version 1 when it was first promised may go on using it."""
    promised, now = (json.loads(path.read_text("utf-8")) for path in (_PROMISED, _COMMITTED))
    assert breaking(promised, now) == []


def _without(document: dict[str, Any], *path: str) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(document))
    place = copy
    for name in path[:-1]:
        place = place[name]
    del place[path[-1]]
    return copy


@pytest.mark.parametrize(
    "path",
    [
        ("paths", f"{API}/doors"),
        ("paths", f"{API}/doors/{{door}}/open", "post"),
        ("paths", f"{API}/health", "get", "responses", "200"),
        ("components", "schemas", "DoorOut", "properties", "locked_down"),
        ("components", "schemas", "ReasonIn", "properties", "reason"),
    ],
)
def test_a_break_is_seen(path: tuple[str, ...]) -> None:
    """A path, a method, an answer or a field that is taken away counts as a break, and something new does not."""
    document = json.loads(_COMMITTED.read_text("utf-8"))
    assert breaking(document, _without(document, *path)) != []
    assert breaking(_without(document, *path), document) == [] or path[-1] == "reason"


def test_a_field_that_becomes_needed_is_seen() -> None:
    """A request that was good and is refused tomorrow is a break."""
    document = json.loads(_COMMITTED.read_text("utf-8"))
    stricter = json.loads(json.dumps(document))
    stricter["components"]["schemas"]["StandingIn"]["required"] = ["alarm_set"]
    assert breaking(document, stricter) != []


def test_the_api_judges_nobody_and_answers_no_who_is_this() -> None:
    """No path takes a picture and tells who it shows, and no field carries a template."""
    document = json.loads(_COMMITTED.read_text("utf-8"))
    assert [path for path in document["paths"] if any(word in path for word in ("identif", "search", "who"))] == []
    fields = {name for schema in document["components"]["schemas"].values() for name in schema.get("properties", {})}
    assert fields & {"template", "embedding", "vector", "picture", "similarity", "alias"} == set()


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Tried]:
    """The API of a trial folder with a door and a person, a token that may do everything, and what there is."""
    person = make_person("Ada")
    known = {"subject_id": str(person[0].subject_id), "door": "front", "text_version": "2026-12"}
    with served(tmp_path_factory.mktemp("site"), settings=DOOR) as (service, _):
        service.requests = RateLimit(clock=service.clock, at_once=10**9, per_minute=1)
        with service.site.store.begin() as unit:
            enrol(unit, *person)
            unit.commit()
        schema = schemathesis.openapi.from_asgi(f"{API}/openapi.json", create_app(service))
        yield schema, bearer(service, *STAFF), known


def test_no_request_breaks_it_and_every_answer_is_as_told(tried: _Tried) -> None:
    """Requests drawn from the document, good and bad, get no 5xx and no answer that the document does not describe."""
    schema, headers, known = tried
    failures: list[str] = []
    n_asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=12,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def asked(case: Any) -> None:
            nonlocal n_asked
            n_asked += 1
            if n_asked % 2:
                drawn = case.path_parameters or {}
                case.path_parameters = {**drawn, **{name: known[name] for name in known if name in drawn}}
            case.call_and_validate(headers=headers, excluded_checks=_CANNOT_SAY)

        try:
            asked()
        except FailureGroup as error:
            failures.append(f"{operation.label}: {error.exceptions}")
        except schemathesis.errors.SchemathesisError as error:
            failures.append(f"{operation.label}: {error}")
    assert failures == []
    assert n_asked > 200
