"""`limen site token`: what a program asks by is shown once, listed without itself, and ended."""

from __future__ import annotations

from pathlib import Path

from support.cli import limen
from support.service import served


def _asked(data: Path, text: str) -> int:
    with served(data) as (_, browser):
        status: int = browser.get("/api/v1/subjects", headers={"Authorization": f"Bearer {text}"}).status_code
    return status


def test_a_token_is_shown_once_opens_the_api_and_is_ended(tmp_path: Path) -> None:
    """The API answers a new token, the list tells its name and roles but not the token, a revoked one is refused."""
    limen("site", "new", "--kind", "trial", data=tmp_path)
    made = limen("site", "token", "new", "the canteen", "--role", "operator", "--days", "7", data=tmp_path)
    assert made.code == 0
    token_id, text = made.document["token_id"], made.document["token"]
    assert _asked(tmp_path, text) == 200
    listed = limen("site", "token", "list", data=tmp_path)
    assert text not in listed.out
    assert [(one["token_id"], one["name"], one["roles"]) for one in listed.document["tokens"]] == [
        (token_id, "the canteen", ["operator"])
    ]
    assert "the canteen" in limen("site", "token", "list", data=tmp_path, json_wanted=False).out
    assert limen("site", "token", "revoke", token_id, data=tmp_path).document == {"revoked": token_id}
    assert limen("site", "token", "list", data=tmp_path).document == {"tokens": []}
    assert _asked(tmp_path, text) == 401


def test_what_is_no_token_cannot_be_made_or_ended(tmp_path: Path) -> None:
    """An unknown role, a token without end and an unknown identifier are told in a sentence, and nothing is made."""
    limen("site", "new", "--kind", "trial", data=tmp_path)
    new = ("site", "token", "new", "the canteen")
    wrong = [
        limen(*new, "--role", "queen", data=tmp_path),
        limen(*new, "--role", "operator", "--days", "0", data=tmp_path),
        limen(*new, data=tmp_path),
    ]
    assert [answer.code for answer in wrong] == [2, 2, 2]
    gone = limen("site", "token", "revoke", "nothing", data=tmp_path)
    assert (gone.code, gone.document["error"]["message"]) == (2, "there is no token nothing")
    assert limen("site", "token", "list", data=tmp_path).document == {"tokens": []}
