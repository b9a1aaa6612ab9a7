"""The documents say what the code does: nothing of it is left out, no link leads nowhere, the example runs."""

from __future__ import annotations

import ast
import importlib.util
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest

import limen
import limen.cli.main
from limen.core.decision import Reason
from limen.core.errors import LimenError
from limen.core.ledger import AuditTag
from limen.core.match import UnknownReason
from limen.core.people import SiteKind
from limen.core.thermal import NoReading, SetupAlarm
from limen.frames.bundled import ASTRONAUT, GRACE_HOPPER
from limen.settings import Settings
from limen.storage.schema import metadata
from limen.vision.manifest import bundled_cards
from support.sites import born

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
SOURCE = ROOT / "src" / "limen"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
DECISIONS = sorted((DOCS / "adr").glob("*.md"))

_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_TERM = re.compile(r"^- \*\*(.+?)\*\*: (.+?)(?=\n- |\n\n|\Z)", re.MULTILINE | re.DOTALL)


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _text(path: Path) -> str:
    return path.read_text("utf-8")


def _headings(path: Path) -> list[str]:
    return _HEADING.findall(_FENCE.sub("", _text(path)))


def _slug(heading: str) -> str:
    """The anchor that a heading gets: lower case, spaces to dashes, punctuation gone."""
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")


def _first_cells(path: Path) -> set[str]:
    """What stands as code in the first column of a page's tables."""
    return set(re.findall(r"^\| `([^`]+)` \|", _text(path), re.MULTILINE))


def _refusals() -> Iterator[str]:
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(_text(path))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "RefusedError":
                yield from (
                    keyword.value.value
                    for keyword in node.keywords
                    if keyword.arg == "reason"
                    and isinstance(keyword.value, ast.Constant)
                    and isinstance(keyword.value.value, str)
                )


def _errors(parent: type[LimenError]) -> Iterator[type[LimenError]]:
    yield parent
    for child in parent.__subclasses__():
        yield from _errors(child)


@pytest.mark.parametrize("name", sorted(_generator().PAGES))
def test_a_generated_page_is_what_the_code_says_now(name: str) -> None:
    """A page that the code writes is the committed one, to the letter."""
    assert _generator().PAGES[name]() == _text(REFERENCE / name), "run python docs/generate.py"


def test_every_setting_has_a_heading() -> None:
    """Each field of each section, and each folder, is on the page of settings."""
    headings, text = _headings(REFERENCE / "settings.md"), _text(REFERENCE / "settings.md")
    assert "door.NAME.zone.corners" in headings
    for section, field in Settings.model_fields.items():
        named = [argument for argument in get_args(field.annotation) if hasattr(argument, "model_fields")]
        if hasattr(field.annotation, "model_fields"):
            assert _missing_headings(section, field.annotation, headings) == []
        elif named:
            assert _missing_headings(f"{section}.NAME", named[0], headings) == []
        else:
            assert f"`LIMEN_{section.upper()}`" in text
    assert "`LIMEN_SITE__TIME_ZONE`" in text


def _missing_headings(path: str, section: Any, headings: list[str]) -> list[str]:
    missing: list[str] = []
    for name, field in section.model_fields.items():
        if hasattr(field.annotation, "model_fields"):
            missing += _missing_headings(f"{path}.{name}", field.annotation, headings)
        elif f"{path}.{name}" not in headings:
            missing.append(f"{path}.{name}")
    return missing


def test_every_command_group_is_on_the_page_of_commands() -> None:
    """Each command that `limen --help` shows has a heading."""
    headings = _headings(REFERENCE / "commands.md")
    root = limen.cli.main.app
    names = [item.name for item in root.registered_commands] + [item.name for item in root.registered_groups]
    assert names
    for name in names:
        assert any(heading.split()[:2] == ["limen", name] for heading in headings), name


def test_every_audit_tag_has_a_heading() -> None:
    """The page of audit tags has exactly the tags that there are."""
    documented = [heading for heading in _headings(REFERENCE / "audit.md") if ":" in heading]
    assert documented == [tag.value for tag in AuditTag]


def test_every_error_has_a_heading_and_its_code() -> None:
    """The page of errors has exactly the classes that there are, each with its code."""
    text = _text(REFERENCE / "errors.md")
    classes = {error.__name__: error for error in _errors(LimenError) if error.__module__.startswith("limen.")}
    assert set(_headings(REFERENCE / "errors.md")[1:]) == set(classes)
    for name, error in classes.items():
        part = text.split(f"\n## {name}\n", 1)[1].split("\n## ", 1)[0]
        assert f"- Code: `{error.code}`" in part


def test_every_reason_is_on_the_page_of_reasons() -> None:
    """Reasons of decisions, of unknown, of refusals, of no reading and of alarms are on their page, and no others."""
    named = (*Reason, *UnknownReason, *NoReading, *SetupAlarm)
    there_are = {item.value for item in named} | set(_refusals())
    assert _first_cells(REFERENCE / "reasons.md") == there_are


def test_every_file_of_a_new_site_is_on_the_page_of_files(tmp_path: Path) -> None:
    """What a new site writes into its folder, and every table in it, is on the page of files."""
    store = born(tmp_path / "site", kind=SiteKind.TRIAL)
    try:
        names = [path.name for path in (tmp_path / "site").iterdir()]
    finally:
        store.close()
    text = _text(REFERENCE / "files.md")
    assert names
    for name in [*names, *metadata.tables]:
        assert f"`{name}`" in text, name


def test_admission_names_modules_that_exist_and_every_reason_of_the_rules() -> None:
    """The page of gates speaks of real modules and leaves out no reason that a gate gives."""
    text = _text(DOCS / "admission.md")
    modules = set(re.findall(r"`(limen(?:\.\w+)+)`", text))
    assert modules
    assert [name for name in modules if importlib.util.find_spec(name) is None] == []
    given = [
        name for path in (SOURCE / "door").glob("*.py") for name in re.findall(r"\bReason\.([A-Z_]+)", _text(path))
    ]
    for reason in [*(Reason[name] for name in given), *UnknownReason]:
        assert f"`{reason.value}`" in text, reason


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    """A link to a file has that file, and a link to a heading has that heading."""
    for target in _LINK.findall(_FENCE.sub("", _text(page))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        assert place.exists(), target
        if anchor:
            assert anchor in {_slug(heading) for heading in _headings(place)}, target


def test_the_index_leads_to_every_page() -> None:
    """The index of documents links to every page below it."""
    linked = {(DOCS / target.partition("#")[0]).resolve() for target in _LINK.findall(_text(DOCS / "README.md"))}
    assert {page for page in PAGES if DOCS in page.parents} - {DOCS / "README.md"} <= linked


def test_the_glossary_is_in_alphabetical_order_with_a_source_for_each_word() -> None:
    """Words are in order, each once, in one sentence that names a standard or says that the word is limen's own."""
    entries = _TERM.findall(_text(DOCS / "glossary.md"))
    words = [term.casefold() for term, _ in entries]
    assert words == sorted(set(words))
    for term, meaning in entries:
        sentence = " ".join(meaning.split())
        assert re.search(r"\((ISO/IEC|limen's own)[^()]*\)\.$", sentence), term
        assert ". " not in sentence, term


def test_decisions_are_numbered_dated_and_say_what_they_cost() -> None:
    """Decision records follow each other without a gap; each has a date, a status and a consequence that is bad."""
    assert [path.name[:4] for path in DECISIONS] == [f"{number:04}" for number in range(1, len(DECISIONS) + 1)]
    for path in DECISIONS:
        text = _text(path)
        assert text.startswith(f"# {path.name[:4]}: "), path.name
        assert re.search(r"^- Date: \d{4}-\d\d-\d\d$", text, re.MULTILINE), path.name
        assert re.search(r"^- Status: \w", text, re.MULTILINE), path.name
        assert "\n- Bad: " in text.split("\n## Consequences\n", 1)[1], path.name


@pytest.mark.parametrize("name", sorted(bundled_cards()))
def test_a_model_card_has_licence_and_digest_of_the_manifest(name: str) -> None:
    """Each shipped model has a card with the licence and digest that are checked when it is loaded."""
    card = bundled_cards()[name]
    text = _text(DOCS / "model-cards" / f"{name.partition('-')[0]}.md")
    assert card.sha256 in text
    assert card.licence in text


def test_the_card_of_the_embedding_model_says_first_how_it_was_trained() -> None:
    """The first sentence of SFace's card says that the people in the training pictures had not agreed."""
    first = _text(DOCS / "model-cards" / "sface.md").split("\n\n")[1]
    assert "without the consent of the people in them" in " ".join(first.split(".", 1)[0].split())


def test_the_change_log_has_the_two_headings_of_its_own() -> None:
    """What comes next says under Recognition and Privacy what it means for people."""
    coming = _text(ROOT / "CHANGELOG.md").split("\n## [Unreleased]\n", 1)[1].split("\n## [", 1)[0]
    assert "\n### Recognition\n" in coming
    assert "\n### Privacy\n" in coming


def test_everything_public_is_in_the_integrators_guide() -> None:
    """Whatever `limen` exports is explained to those who build on it."""
    text = _text(DOCS / "guide" / "integrator.md")
    assert [name for name in limen.__all__ if not re.search(rf"\b{name}\b", text)] == []


def test_the_example_of_the_integrators_guide_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The script in the guide enrols, recognises, meets a stranger and forgets, as it stands."""
    if ASTRONAUT.locate() is None or GRACE_HOPPER.locate() is None:
        pytest.skip("the pictures of limen[demo] are not installed")
    (script,) = re.findall(r"```python\n(.*?)```", _text(DOCS / "guide" / "integrator.md"), re.DOTALL)
    (tmp_path / "example.py").write_text(script, "utf-8")
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(tmp_path / "example.py"))
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 4
    assert "strangers would come as near" in printed[0]
    assert printed[1].startswith("below_threshold")
    assert printed[3].startswith("w-")
