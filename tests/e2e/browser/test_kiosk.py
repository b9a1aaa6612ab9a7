"""The kiosk in a real browser: a door opens for somebody who agreed and for nobody else, also after an outage."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from limen.frames.drawn import PERSON, STRANGER, DrawnFace, draw_face
from support.cli import limen
from support.serving import Serving, camera, serving, write_camera

pytestmark = pytest.mark.browser

_DOOR = """
[door.front]
camera = "kiosk"
{rules}
access = {{ everybody = "always" }}
[door.front.other_way]
kind = "reception"
where = "to the left"
[door.front.zone]
sign_needed = {sign}
"""
_SECONDS = 1000
_SIDE = 400


def _scene(face: DrawnFace | None) -> NDArray[np.uint8]:
    """A wall, and somebody in front of it."""
    canvas = np.full((480, 640, 3), 150, dtype=np.uint8)
    if face is not None:
        picture = cv2.resize(draw_face(face, side_px=256), (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
        canvas[40 : 40 + _SIDE, 120 : 120 + _SIDE] = picture
    return canvas


def _visit(face: DrawnFace, *, shown: int = 150, empty: int = 300) -> list[NDArray[np.uint8]]:
    rng = np.random.default_rng(3)
    pictures = [_scene(face)] * shown + [_scene(None)] * empty
    return [
        np.minimum(picture.astype(np.int16) + rng.integers(0, 4, picture.shape), 255).astype(np.uint8)
        for picture in pictures
    ]


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What a tablet's camera sees: somebody enrolled who comes and goes, and a stranger who does."""
    folder = tmp_path_factory.mktemp("cameras")
    for name, face in (("enrolled", PERSON), ("stranger", STRANGER)):
        write_camera(folder / f"{name}.mjpeg", _visit(face))
    return {name: folder / f"{name}.mjpeg" for name in ("enrolled", "stranger")}


def _site(folder: Path, pictures: Path, *, rules: str = 'attendance = "attended"', sign: bool = False) -> None:
    limen("enrol", "--name", "Ada Lovelace", "--consent", "trial", pictures / "person.png", data=folder)
    text = _DOOR.format(rules=rules, sign=str(sign).lower())
    (folder / "limen.toml").write_text(text, "utf-8")


@pytest.fixture
def site(tmp_path: Path, pictures: Path) -> Path:
    """A trial folder with one person enrolled and a door whose camera is a tablet's."""
    _site(tmp_path, pictures)
    return tmp_path


@pytest.fixture
def service(site: Path) -> Iterator[Serving]:
    """The service over it."""
    with serving(site) as running:
        yield running


def _paired(page: Any, service: Serving) -> None:
    """Pair the page's device as an operator and a person at the tablet do."""
    code = limen("door", "pair", "front", data=service.folder).document["code"]
    page.goto(f"{service.address}/kiosk")
    page.fill("#code", code)
    page.click("#pair button")
    page.wait_for_selector("#kiosk")


def _state(page: Any, *states: str, seconds: float = 60) -> None:
    wanted = ", ".join(f'#kiosk[data-state="{state}"]' for state in states)
    page.wait_for_selector(wanted, timeout=seconds * _SECONDS)


def _events(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = limen("door", "events", "front", data=folder).document["events"]
    return found


def test_a_door_opens_for_somebody_who_agreed_and_the_event_is_listed(
    service: Serving, videos: dict[str, Path]
) -> None:
    """Paired by a code that works once, the tablet greets the person, and the ledger has a grant without a name."""
    with camera(videos["enrolled"]) as context:
        page = context.new_page()
        _paired(page, service)
        _state(page, "go")
        assert "Please go through" in page.inner_text("#words")
        _state(page, "ready")
        code = limen("door", "pair", "front", data=service.folder).document["code"]
        assert code not in json.dumps(context.storage_state())
    events = _events(service.folder)
    assert {event["outcome"] for event in events} == {"grant"}
    assert "Ada" not in json.dumps(events)


def test_a_stranger_is_shown_the_other_way_and_leaves_no_trace(service: Serving, videos: dict[str, Path]) -> None:
    """The page says what to do and not why; there is no event, and no word of it in the log."""
    with camera(videos["stranger"], locale="fr") as context:
        page = context.new_page()
        _paired(page, service)
        _state(page, "other_way")
        assert page.inner_text("#words") == "Merci d'utiliser l'autre entrée."
    assert _events(service.folder) == []
    assert "attempt" not in (service.folder / "service.log").read_text("utf-8")


def test_the_kiosk_comes_back_by_itself_when_the_network_was_away(service: Serving, videos: dict[str, Path]) -> None:
    """Without a network it says so and shows the other way in; with it, the door opens again."""
    with camera(videos["enrolled"]) as context:
        page = context.new_page()
        _paired(page, service)
        _state(page, "go")
        context.set_offline(True)
        _state(page, "offline")
        assert "other way in" in page.inner_text("#words")
        context.set_offline(False)
        _state(page, "go", "looking", "ready")
        _state(page, "go")


def test_the_kiosk_comes_back_by_itself_when_the_service_was_stopped(site: Path, videos: dict[str, Path]) -> None:
    """The service ends when told to, with exit code 0; started again at its place, the tablet finds it."""
    with camera(videos["enrolled"]) as context:
        page = context.new_page()
        with serving(site) as first:
            _paired(page, first)
            _state(page, "go")
            assert first.stop() == 0
            _state(page, "offline")
        before = len(_events(site))
        with serving(site, port=first.port):
            _state(page, "go")
    assert len(_events(site)) > before
    assert limen("audit", "verify", data=site).code == 0


def test_a_button_and_the_desk_and_another_language_by_keyboard_alone(
    tmp_path: Path, pictures: Path, videos: dict[str, Path]
) -> None:
    """Where the door asks for a sign, a button is there; calling the desk is heard; French is one key away."""
    _site(tmp_path, pictures, sign=True)
    with serving(tmp_path) as service, camera(videos["enrolled"]) as context:
        page = context.new_page()
        _paired(page, service)
        _state(page, "press")
        page.focus("#press")
        page.keyboard.press("Enter")
        _state(page, "go")
        page.focus("#call")
        page.keyboard.press("Enter")
        page.wait_for_selector("#call:has-text('The desk has been called')")
        page.focus("button[data-language=fr]")
        page.keyboard.press("Space")
        page.wait_for_selector('#call:has-text("L\'accueil a été appelé")')
        assert page.get_attribute("html", "lang") == "fr"


def test_a_kiosk_that_is_revoked_shows_nothing_more(service: Serving, videos: dict[str, Path]) -> None:
    """Its connection ends within seconds, and its page asks for a code."""
    with camera(videos["stranger"]) as context:
        page = context.new_page()
        _paired(page, service)
        _state(page, "other_way", "ready")
        (kiosk,) = limen("door", "kiosks", data=service.folder).document["kiosks"]
        limen("door", "unpair", kiosk["device"], data=service.folder)
        _state(page, "unpaired")
        page.wait_for_selector("#pair", timeout=30 * _SECONDS)


@pytest.mark.parametrize("place", ["pair", "kiosk", "entry"])
def test_axe_finds_nothing_serious(tmp_path: Path, pictures: Path, *, videos: dict[str, Path], place: str) -> None:
    """Names, roles, contrast and labels: where a tablet is paired, the kiosk, and its entry of a PIN."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415  only where there is a browser

    _site(tmp_path, pictures, rules='attendance = "unattended"\nsecond_factor = "badge"')
    with serving(tmp_path) as service, camera(videos["enrolled"]) as context:
        page = context.new_page()
        if place == "pair":
            page.goto(f"{service.address}/kiosk")
        else:
            _paired(page, service)
            _state(page, "second_factor")
            page.wait_for_selector("#entry[open]")
            if place == "kiosk":
                page.click("#close")
        found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
