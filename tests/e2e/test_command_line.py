"""The command line as people and scripts use it, on real models and a real store, with drawn faces."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from limen.core.people import SiteKind
from limen.frames.drawn import PERSON
from support.cli import limen, two_operators
from support.faces import drawn
from support.sites import write_reasons


def enrolled(folder: Path, pictures: Path) -> str:
    """The id of a person enrolled in a new trial folder."""
    answer = limen("enrol", "--name", "Ada", "--consent", "trial", pictures / "person.png", data=folder)
    assert answer.code == 0, answer.err
    return str(answer.document["subject_id"])


def test_the_whole_path(tmp_path: Path, pictures: Path) -> None:
    """Agree, enrol, recognise, stranger, export, withdraw, forgotten, audit whole: each answer and exit code."""
    agreement = limen("consent", "new", data=tmp_path).document["agreement_id"]
    person = limen(
        "enrol",
        "--name",
        "Ada",
        "--consent",
        agreement,
        pictures / "person.png",
        pictures / "person2.jpg",
        data=tmp_path,
    )
    assert (person.code, person.document["references"], person.document["confirmed"]) == (0, 2, True)
    subject_id = person.document["subject_id"]

    found = limen("identify", pictures / "both.png", data=tmp_path)
    assert found.code == 0
    outcomes = sorted(face["match"]["outcome"] for face in found.document["images"][0]["faces"])
    assert outcomes == ["recognised", "unknown"]
    (match,) = [f["match"] for f in found.document["images"][0]["faces"] if f["match"]["outcome"] == "recognised"]
    assert (match["name"], match["subject_id"]) == ("Ada", subject_id)
    assert match["fpir"] <= match["operating_point"]["fpir_target"]

    assert limen("identify", pictures / "stranger.png", data=tmp_path).code == 1
    listed = limen("people", "list", data=tmp_path).document["people"]
    assert [item["name"] for item in listed] == ["Ada"]
    assert limen("people", "export", subject_id, data=tmp_path).document["name"] == "Ada"
    receipt = limen("people", "withdraw", subject_id, data=tmp_path)
    assert (receipt.code, [item["count"] for item in receipt.document["gone"]]) == (0, [1, 2, 1, 1])
    assert limen("identify", pictures / "person.png", data=tmp_path).code == 1
    assert limen("people", "show", subject_id, data=tmp_path).document["error"]["code"] == "no_such_person"
    verdict = limen("audit", "verify", data=tmp_path)
    assert (verdict.code, verdict.document["whole"], verdict.document["n_records"]) == (0, True, 5)


def test_no_name_in_the_files(tmp_path: Path, pictures: Path) -> None:
    """A name stands nowhere in the folder in clear, nor does any picture."""
    answer = limen("enrol", "--name", "Wilhelmina", "--consent", "trial", pictures / "person.png", data=tmp_path)
    assert answer.code == 0
    for path in tmp_path.iterdir():
        assert b"Wilhelmina" not in path.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["limen.db", "site.key"]


def test_strangers_leave_nothing(tmp_path: Path, pictures: Path) -> None:
    """Attempts of strangers change no byte of the folder."""
    enrolled(tmp_path, pictures)
    limen("identify", pictures / "stranger.png", data=tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for _ in range(5):
        limen("identify", pictures / "stranger.png", data=tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("one", "two", "code", "same"),
    [("person.png", "person2.jpg", 0, True), ("person.png", "stranger.png", 1, False)],
    ids=["one person", "two people"],
)
def test_verify(pictures: Path, one: str, two: str, *, code: int, same: bool) -> None:
    """Verify says whether two pictures show one person, with the false match rate at that similarity."""
    answer = limen("verify", pictures / one, pictures / two)
    assert (answer.code, answer.document["same"]) == (code, same)
    assert (answer.document["fmr"] <= 1e-4) == same


def test_detect(pictures: Path) -> None:
    """Detect gives box, landmarks, quality and mask state of every face; no face at all is a refusal."""
    answer = limen("detect", pictures / "both.png", pictures / "empty.png")
    both, empty = answer.document["images"]
    assert (answer.code, len(both["faces"]), empty["faces"]) == (0, 2, [])
    face = both["faces"][0]
    assert (len(face["box"]), len(face["landmarks"])) == (4, 5)
    assert 0 <= face["quality"]["unified"] <= 100
    assert face["mask_state"] in {"none", "incorrect", "worn", "unsure"}
    assert abs(sum(face["mask_probability"].values()) - 1.0) < 0.001
    assert limen("detect", pictures / "empty.png").code == 1


def test_one_json_document_and_nothing_else(tmp_path: Path, pictures: Path) -> None:
    """With --json stdout is one line of JSON; the trial banner goes to stderr."""
    enrolled(tmp_path, pictures)
    answer = limen("people", "list", data=tmp_path)
    assert answer.out.count("\n") == 1
    assert "TRIAL" in answer.err
    assert "TRIAL" not in answer.out


def test_words_for_people(tmp_path: Path, pictures: Path) -> None:
    """Without --json the answer is in words, with the id whole so that it can be copied."""
    subject_id = enrolled(tmp_path, pictures)
    answer = limen("people", "list", data=tmp_path, json_wanted=False)
    assert subject_id in answer.out


def test_a_live_folder_identifies_no_files(tmp_path: Path, pictures: Path) -> None:
    """A live folder refuses identify on files, simulated agreements, and confirming by a picture."""
    folder = tmp_path / "live"
    assert limen("site", "new", "--kind", SiteKind.LIVE.value, data=folder).code == 0
    write_reasons(folder)
    trial = limen("enrol", "--name", "Ada", "--consent", "trial", pictures / "person.png", data=folder)
    assert trial.document["error"]["code"] == "agreement_simulated"
    agreement = limen("consent", "new", data=folder).document["agreement_id"]
    alone = limen("enrol", "--name", "Ada", "--consent", agreement, pictures / "person.png", data=folder)
    assert alone.document["error"]["code"] == "not_approved"
    approved = limen("site", "approve", *two_operators(folder), data=folder).document
    assert approved == {"needed": True, "approved": {"gallery": 1, "unused_days": 30, "backup_days": 30}}
    person = limen("enrol", "--name", "Ada", "--consent", agreement, pictures / "person.png", data=folder)
    assert (person.code, person.document["confirmed"]) == (0, False)
    identified = limen("identify", pictures / "person.png", data=folder)
    assert (identified.code, identified.document["error"]["code"]) == (1, "not_a_live_capture")
    confirmed = limen("people", "confirm", person.document["subject_id"], pictures / "person.png", data=folder)
    assert confirmed.document["error"]["code"] == "not_a_live_capture"


def test_a_folder_keeps_its_kind(tmp_path: Path) -> None:
    """A trial folder never becomes live."""
    limen("consent", "new", data=tmp_path)
    answer = limen("site", "new", "--kind", "live", data=tmp_path)
    assert (answer.code, answer.document["error"]["code"]) == (2, "storage")


def test_models(tmp_path: Path) -> None:
    """Every model is listed with licence and origin, and its file is whole."""
    listed = limen("models", "list", data=tmp_path).document["models"]
    assert {item["role"] for item in listed} == {"detector", "embedder", "mask_state"}
    assert all(item["licence"] and item["origin"] for item in listed)
    assert limen("models", "verify", data=tmp_path).document["whole"] is True


def test_doctor(tmp_path: Path) -> None:
    """Doctor looks at every part and finds no fault on a sound machine without a site."""
    document = limen("doctor", data=tmp_path / "none").document
    assert {"CPU", "calibration", "cameras", "store", "clock", "disk", "swap"} <= {
        f["what"] for f in document["findings"]
    }


def test_demo(tmp_path: Path) -> None:
    """The demo goes the whole path, ends as expected and writes a page that loads nothing from elsewhere."""
    answer = limen("demo", "--out", tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert (answer.code, answer.document["as_expected"]) == (0, True)
    assert "http:" not in page
    assert "https:" not in page
    assert "<script" not in page


def test_camera_from_a_video_file(tmp_path: Path) -> None:
    """In a trial folder a video file stands in for the camera; good frames are chosen from it."""
    writer = cv2.VideoWriter(str(tmp_path / "walk.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (512, 512))
    for _ in range(30):
        writer.write(drawn(PERSON))
    writer.release()
    video = tmp_path / "walk.avi"
    answer = limen("enrol", "--name", "Ada", "--consent", "trial", "--camera", video, data=tmp_path / "site")
    assert (answer.code, answer.document["references"]) == (0, 3)


def test_evaluate_on_a_small_set(tmp_path: Path, pictures: Path) -> None:
    """Both evaluations run on a folder and give every promised key, null where nothing can be measured."""
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("left,right,same\nperson.png,person2.jpg,1\nperson.png,stranger.png,0\n", "utf-8")
    report = limen("evaluate", "verification", "--images", pictures, "--pairs", pairs).document
    assert {"n_mated", "n_nonmated", "fta", "accuracy_10fold", "eer", "tpr_at_fmr", "model_id", "seconds"} <= set(
        report
    )
    assert (report["n_mated"], report["tpr_at_fmr"]) == (1, {"1e-2": None, "1e-3": None, "1e-4": None})
    protocol = tmp_path / "openset.json"
    document = {
        "gallery": {"a": ["person.png"]},
        "mated_probes": [["person2.jpg", "a"]],
        "nonmated_probes": ["stranger.png"],
    }
    protocol.write_text(json.dumps(document), "utf-8")
    report = limen(
        "evaluate", "identification", "--images", pictures, "--protocol", protocol, "--fpir", "0.01"
    ).document
    assert (report["rank1"], report["operating_point"]["fnir_measured"]) == (1.0, 0.0)
    assert report["operating_point"]["fpir_measured"] == 0.0


def test_evaluate_calibrate_makes_a_usable_file(tmp_path: Path) -> None:
    """Too few people make no calibration, and say so."""
    folder = tmp_path / "people" / "ada"
    folder.mkdir(parents=True)
    (folder / "1.png").write_bytes(b"no picture")
    out = tmp_path / "calibration.json"
    answer = limen("evaluate", "calibrate", "--images", tmp_path / "people", "--out", out, "--made-from", "a test")
    assert (answer.code, answer.document["error"]["code"], out.exists()) == (2, "config", False)


def test_bench_pipeline() -> None:
    """The benchmark reports every promised key; what the numbers are is the machine's affair."""
    report = limen("bench", "pipeline", "--rounds", "10").document
    assert {"p50_ms", "p95_ms", "p99_ms", "stages", "embed_over_bare_graph", "rounds", "threads"} <= set(report)
    assert set(report["stages"]) == {"detect", "align", "quality", "embed"}


def tiny_embedder(path: Path) -> None:
    """An ONNX file that takes a crop and gives eight numbers: the means of eight parts of it."""
    weights = np.zeros((3 * 112 * 112, 8), dtype=np.float32)
    for part in range(8):
        weights[part::8, part] = 1e-4
    graph = helper.make_graph(
        [helper.make_node("Flatten", ["image"], ["flat"]), helper.make_node("MatMul", ["flat", "weights"], ["out"])],
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 112, 112])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 8])],
        [numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())


def test_adding_a_model(tmp_path: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model added by hand is listed and checked, and recognises nobody before it has a calibration of its own."""
    tiny_embedder(tmp_path / "tiny.onnx")
    stated = ("--name", "tiny", "--licence", "CC0-1.0", "--origin", "a test")
    added = limen("models", "add", tmp_path / "tiny.onnx", *stated, data=tmp_path)
    assert (added.code, added.document["dimensions"], added.document["calibrated"]) == (0, 8, False)
    assert limen("models", "add", tmp_path / "tiny.onnx", *stated, data=tmp_path).code == 2
    assert limen("models", "verify", data=tmp_path).document["whole"] is True
    monkeypatch.setenv("LIMEN_VISION__EMBEDDER", "tiny")
    answer = limen("verify", pictures / "person.png", pictures / "stranger.png", data=tmp_path)
    assert (answer.code, answer.document["error"]["code"]) == (2, "model")
    (tmp_path / "models" / "tiny" / "model.onnx").write_bytes(b"altered")
    checked = limen("models", "verify", data=tmp_path)
    assert (checked.code, checked.document["whole"]) == (2, False)
