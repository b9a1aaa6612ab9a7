"""Promises that the source itself must keep: no judging, no lists of the unwanted, no way out, nothing told.

The words below are looked for in names, fields, enum values, keys, options, tables and columns; never in sentences,
where limen may say what it does not do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, get_args, get_type_hints

import onnx
import pytest
import typer

from limen.cli.main import app
from limen.core.decision import Reason
from limen.core.match import UnknownReason
from limen.core.people import Agreement, AgreementProof, Subject
from limen.core.probe import MaskState
from limen.core.quality import QualityMeasure
from limen.storage.schema import metadata
from limen.vision.manifest import ModelCard, bundled_cards
from limen.vision.weights import verify
from support.source import Module, imports_of, modules, names_of, words_of

_MODULES = modules()

_TRAITS = frozenset(
    """
    age ages aged gender genders sex sexes male female man woman boy girl ethnicity ethnic race races racial
    complexion religion religious faith emotion emotions emotional mood smile anger sentiment personality
    attractiveness beauty nationality citizenship descent disability disabled illness pregnancy pregnant drunk
    drowsiness fatigue criminality trustworthiness intelligence income bmi obesity sexuality politics
    """.split()  # noqa: SIM905  words to be read, not a list to be counted
)
_LISTS = (
    ("watchlist",),
    ("watch", "list"),
    ("blacklist",),
    ("black", "list"),
    ("blocklist",),
    ("block", "list"),
    ("denylist",),
    ("wanted", "list"),
    ("wanted", "person"),
    ("wanted", "people"),
    ("suspects",),
    ("persona", "non", "grata"),
    ("footage",),
    ("search", "video"),
    ("search", "recording"),
    ("search", "recordings"),
    ("follow", "person"),
    ("track", "person"),
    ("reidentify",),
    ("cross", "camera"),
    ("attendance", "report"),
    ("working", "hours"),
    ("timesheet",),
    ("arrival", "alert"),
    ("alert", "arrival"),
)
_WAYS_OUT = frozenset(
    """
    socket ssl http urllib urllib3 requests httpx aiohttp ftplib smtplib poplib imaplib telnetlib xmlrpc websockets
    aiomqtt paho grpc paramiko boto3 torch torchvision tensorflow keras jax transformers deepface verifyface insightface
    """.split()  # noqa: SIM905  the same
)
_DOORS_OUT = {
    "limen.door.actuators.mqtt_link": {"aiomqtt", "paho", "socket", "ssl"},
    "limen.door.actuators.options": {"urllib"},
    "limen.door.actuators.webhook": {"httpx", "ssl"},
    "limen.web.security.oidc": {"httpx", "urllib"},
}
"""What tells a gate to open and a building what happens at its doors; `options` takes an address apart, no more."""


def _judging(name: str) -> set[str]:
    return set(words_of(name)) & _TRAITS


def _listing(name: str) -> list[tuple[str, ...]]:
    words = words_of(name)
    return [
        phrase for phrase in _LISTS if any(words[place : place + len(phrase)] == phrase for place in range(len(words)))
    ]


def _commands(command: Any, path: str = "limen") -> Iterator[tuple[str, Any]]:
    """Every command with its path; Any, because Typer brings a click of its own."""
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from _commands(child, f"{path} {name}")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("age", True),
        ("subject_age", True),
        ("AgeEstimator", True),
        ("estimateAge", True),
        ("--min-age", True),
        ("MALE", True),
        ("skin_race_code", True),
        ("image", False),
        ("message", False),
        ("usage", False),
        ("trace", False),
        ("page", False),
        ("stage_ms", False),
        ("storage", False),
        ("language", False),
        ("average", False),
        ("manage", False),
        ("percentage", False),
        ("embrace", False),
        ("sexagesimal", False),
        ("coverage", False),
        ("", False),
    ],
)
def test_the_search_sees_words_and_not_parts_of_words(name: str, *, found: bool) -> None:
    """A trait is found in any spelling of a name, and never inside another word."""
    assert bool(_judging(name)) == found


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("WatchList", True),
        ("watch_list_entry", True),
        ("search_video_files", True),
        ("watch_camera", False),
        ("list", False),
    ],
)
def test_the_search_sees_phrases(name: str, *, found: bool) -> None:
    """Forbidden phrases are found across the words of a name."""
    assert bool(_listing(name)) == found


def test_the_search_reads_the_whole_source() -> None:
    """Every room is read, with classes, fields, enum values, keys and options."""
    assert {"core", "frames", "vision", "gallery", "ledger", "storage", "door", "flows", "cli", "evaluation"} <= {
        module.room for module in _MODULES
    }
    everything = {name for module in _MODULES for name in names_of(module)}
    assert {
        "Probe",
        "embedding",
        "illumination_uniformity",
        "similarity",
        "--camera",
        "subject_references",
    } <= everything


@pytest.mark.parametrize("module", _MODULES, ids=lambda module: module.name)
def test_no_name_judges_people(module: Module) -> None:
    """Promise 3: no class, function, field, enum value, key or option speaks of a trait."""
    assert {name: _judging(name) for name in names_of(module) if _judging(name)} == {}


@pytest.mark.parametrize("module", _MODULES, ids=lambda module: module.name)
def test_no_name_speaks_of_lists_of_the_unwanted(module: Module) -> None:
    """Promise 4: no watch-lists, no search of recordings, no following, no attendance report."""
    assert {name: _listing(name) for name in names_of(module) if _listing(name)} == {}


def test_no_command_or_option_judges_or_lists() -> None:
    """The command line, as it is put together, offers nothing of the kind."""
    spoken = []
    for path, command in _commands(typer.main.get_command(app)):
        spoken.append(path.replace(" ", "_"))
        spoken.extend(word for parameter in command.params for word in (parameter.name or "", *parameter.opts))
    assert "limen_identify" in spoken
    assert [name for name in spoken if _judging(name) or _listing(name)] == []


def test_no_table_or_column_judges_or_lists() -> None:
    """The store has no place for a trait, and none for unknown faces."""
    named = {table.name: [column.name for column in table.columns] for table in metadata.tables.values()}
    everything = [*named, *(column for columns in named.values() for column in columns)]
    assert [name for name in everything if _judging(name) or _listing(name)] == []
    assert sorted(named) == [
        "accounts",
        "agreements",
        "api_tokens",
        "approvals",
        "audit",
        "audit_head",
        "data_keys",
        "devices",
        "door_counts",
        "door_leaves",
        "door_requests",
        "doors",
        "event_openings",
        "generation",
        "given_answers",
        "incidents",
        "invitation_pictures",
        "invitations",
        "links",
        "occupancy",
        "one_time_links",
        "operators",
        "passes",
        "past_keys",
        "presence",
        "release_codes",
        "scrubs_owed",
        "sealed_templates",
        "sessions",
        "site",
        "site_secrets",
        "subject_references",
        "subject_rights",
        "subjects",
    ]


_ABOUT_PEOPLE = {
    "agreements": {
        *("row_id", "agreement_id", "text_version", "text_sha256", "language", "how", "given_at", "expires_at"),
        *("subject_id", "seal", "purpose", "proof_sealed"),
    },
    "subjects": {"row_id", "subject_id", "kind", "agreement_id", "enrolled_at", "name_sealed"},
    "data_keys": {"row_id", "subject_id", "version", "wrapped"},
    "invitations": {
        *("row_id", "invitation_id", "invited_at", "expires_at", "version", "wrapped", "name_sealed"),
        "rights_sealed",
    },
    "incidents": {"row_id", "incident_id", "subject_id", "opened_at", "closed_at", "sealed"},
    "event_openings": {"row_id", "opening_id", "incident_id", "sealed"},
    "invitation_pictures": {"row_id", "invitation_id", "picture_sealed"},
    "links": {"row_id", "subject_id", "code_hash"},
    "operators": {"row_id", "operator_id", "code_hash", "seal"},
    "release_codes": {"row_id", "subject_id", "code_hash"},
    "subject_references": {
        *("row_id", "reference_id", "subject_id", "model_id", "scheme_id", "mask", "quality", "confirmed"),
        *("expires_at", "template_sealed"),
    },
    "audit": {"sequence", "at", "tag", "alias", "detail", "previous", "digest"},
}


@pytest.mark.parametrize("name", sorted(_ABOUT_PEOPLE))
def test_a_table_about_people_has_these_columns_and_no_other(name: str) -> None:
    """A new column about people is a decision, whatever its name."""
    assert {column.name for column in metadata.tables[name].columns} == _ABOUT_PEOPLE[name]


@pytest.mark.parametrize(
    ("value", "attributes"),
    [
        (Subject, {"subject_id", "name", "kind", "agreement", "enrolled_at", "n_references", "confirmed"}),
        (
            Agreement,
            {
                *("agreement_id", "text_version", "text_sha256", "language", "how", "given_at", "expires_at"),
                *("subject_id", "purpose"),
            },
        ),
        (AgreementProof, {"typed", "drawn", "paper_reference", "witness"}),
    ],
)
def test_a_person_has_these_attributes_and_no_other(value: type, attributes: set[str]) -> None:
    """What limen can say of an enrolled person is this list."""
    assert set(get_type_hints(value)) == attributes


def test_a_model_has_one_of_three_roles() -> None:
    """Detector, embedder or mask state; there is no role that tells anything else about a person."""
    assert set(get_args(get_type_hints(ModelCard)["role"])) == {"detector", "embedder", "mask_state"}


_COVERINGS = frozenset(
    "veil scarf headscarf hijab niqab burqa turban beard bearded moustache hood balaclava".split()  # noqa: SIM905
)


@pytest.mark.parametrize("module", [m for m in _MODULES if m.room != "frames"], ids=lambda module: module.name)
def test_no_covering_but_a_mask_is_named(module: Module) -> None:
    """What else covers a face is unsure and no name tells one from another; only drawn faces (frames) have extras."""
    assert [name for name in names_of(module) if set(words_of(name)) & _COVERINGS] == []


def test_the_mask_state_has_four_values() -> None:
    """None, incorrect, worn and unsure, and a fifth would be a decision."""
    assert [state.value for state in MaskState] == ["none", "incorrect", "worn", "unsure"]


@pytest.mark.parametrize("name", sorted(bundled_cards()))
def test_no_shipped_model_gives_out_a_trait(name: str) -> None:
    """The outputs, as named in the files, are boxes, points, confidences, one embedding and three mask states."""
    outputs = [item.name for item in onnx.load_model_from_string(verify(bundled_cards()[name])).graph.output]
    assert [output for output in outputs if _judging(output)] == []
    kinds = {"_".join(words_of(output)[:1]) for output in outputs}
    assert kinds <= {"cls", "obj", "bbox", "kps", "fc", "probabilities"}


def test_quality_measures_pictures_and_not_people() -> None:
    """The measures are these, and a new one is a decision."""
    assert [measure.value for measure in QualityMeasure] == [
        "inter_eye_distance",
        "sharpness",
        "under_exposure_prevention",
        "over_exposure_prevention",
        "illumination_uniformity",
        "head_pose_yaw",
        "head_pose_pitch",
        "head_pose_roll",
        "face_inside_frame",
    ]


@pytest.mark.parametrize("reason", [*Reason, *UnknownReason])
def test_no_reason_is_a_trait(reason: str) -> None:
    """A door never decides by what somebody is."""
    assert not _judging(reason)
    assert not _listing(reason)


def test_no_key_of_a_shipped_file_judges() -> None:
    """The calibration and the list of models hold rates and origins and nothing about a person."""
    text = files("limen.gallery").joinpath("calibrations", "sface-2021dec.json").read_text("utf-8")
    keys = list(_keys(json.loads(text)))
    keys += re.findall(r"^\[?([\w.-]+)", files("limen.vision").joinpath("models.toml").read_text("utf-8"), re.MULTILINE)
    assert "nonmated" in keys
    assert [key for key in keys if _judging(key) or _listing(key)] == []


def _keys(document: object) -> Iterator[str]:
    if isinstance(document, dict):
        for key, value in document.items():
            yield key
            yield from _keys(value)


@pytest.mark.parametrize("module", _MODULES, ids=lambda module: module.name)
def test_nothing_leaves_the_machine(module: Module) -> None:
    """No module imports a way into the network, or a framework that would bring one, but two that doors need.

    What they send is in `limen.core.messages` and `limen.door.wire`: orders, states, events, and nobody's name.
    """
    tops = {name.partition(".")[0] for name in imports_of(module)}
    assert tops & _WAYS_OUT == _DOORS_OUT.get(module.name, set())
    assert {"import_module", "__import__", "eval", "exec"}.isdisjoint(names_of(module))


@pytest.mark.parametrize("module", _MODULES, ids=lambda module: module.name)
def test_models_run_in_vision_alone(module: Module) -> None:
    """ONNX Runtime, and with it every model, is imported in the room vision and nowhere else."""
    if module.room != "vision":
        assert {"onnxruntime", "onnx"}.isdisjoint(name.partition(".")[0] for name in imports_of(module))


@pytest.mark.parametrize(
    "module", [m for m in _MODULES if m.room in {"core", "vision", "door", "frames"}], ids=lambda module: module.name
)
def test_who_sees_faces_cannot_write(module: Module) -> None:
    """Core, vision, door and frames import neither the store nor anything that holds it, nor a database."""
    forbidden = ("limen.storage", "limen.ledger", "limen.gallery", "limen.flows", "sqlalchemy", "sqlite3", "alembic")
    assert [name for name in imports_of(module) if name.startswith(forbidden)] == []
