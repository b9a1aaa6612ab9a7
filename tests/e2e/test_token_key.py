"""The site key from a PKCS#11 token, on SoftHSM (Debian: softhsm2)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from limen.core.errors import StorageError
from limen.storage.token_key import TokenKey
from support.cli import limen

_MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> TokenKey:
    """An empty token with a PIN. The library reads where tokens lie once a process, so there is one for all tests."""
    module = next((Path(name) for name in _MODULES if Path(name).exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM is not installed (Debian: softhsm2)")
    pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed (the extra pkcs11)")
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n", "ascii")
    (folder / "pin").write_text("123456\n", "ascii")
    patch = pytest.MonkeyPatch()
    patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
    words = ("--init-token", "--free", "--label", "limen", "--pin", "123456", "--so-pin", "654321")
    subprocess.run(["softhsm2-util", *words], check=True, capture_output=True)
    return TokenKey(module=module, token="limen", pin_file=folder / "pin")  # noqa: S106  a label


def test_a_site_lives_on_a_token(token: TokenKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made, opened again and asked with the token, a site has no key file; without the token it opens with nothing."""
    monkeypatch.setenv("LIMEN_SITE__PKCS11_MODULE", str(token.module))
    monkeypatch.setenv("LIMEN_SITE__PKCS11_PIN_FILE", str(token.pin_file))
    folder = tmp_path / "data"
    assert limen("site", "new", "--kind", "live", data=folder).code == 0
    assert limen("consent", "new", data=folder).code == 0
    assert limen("audit", "verify", data=folder).code == 0
    assert not (folder / "site.key").exists()
    assert limen("site", "rotate-key", data=folder).document["error"]["code"] == "storage"
    monkeypatch.delenv("LIMEN_SITE__PKCS11_MODULE")
    assert limen("audit", "verify", data=folder).document["error"]["code"] == "storage"


def test_the_token_gives_the_same_key_and_never_the_secret(token: TokenKey) -> None:
    """32 bytes, the same each time."""
    assert len(token.read(create=True)) == 32
    assert token.read() == token.read(create=True)


def test_what_a_token_cannot_give_is_told(token: TokenKey, tmp_path: Path) -> None:
    """No such module or token, a wrong PIN, no PIN file: each an error that says which settings to look at."""
    (tmp_path / "pin").write_text("000000", "ascii")
    wrong = (
        TokenKey(module=tmp_path / "nothing.so", token="limen", pin_file=token.pin_file),  # noqa: S106  a label
        TokenKey(module=token.module, token="another", pin_file=token.pin_file),  # noqa: S106  a label
        TokenKey(module=token.module, token="limen", pin_file=tmp_path / "pin"),  # noqa: S106  a label
        TokenKey(module=token.module, token="limen", pin_file=tmp_path / "nothing"),  # noqa: S106  a label
    )
    for key in wrong:
        with pytest.raises(StorageError) as caught:
            key.read()
        assert "site.pkcs11_module" in caught.value.advice()
