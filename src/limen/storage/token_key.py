"""The site key from a PKCS#11 token: worked out by the token from a secret that never leaves it.

The site key is HMAC-SHA-256 of a fixed text under a generic secret of the token. The secret can be neither read nor
copied; the site key is in this process's memory, as one from a file is.

Source: OASIS PKCS #11 v3.1 (CKM_SHA256_HMAC); needs the extra ``pkcs11``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from limen.core.errors import StorageError

__all__ = ["TokenKey"]

_LABEL = "limen-site-key"
_TEXT = b"limen/1/site-key"
_BITS = 256
_ADVICE = "see `site.pkcs11_module`, `site.pkcs11_token` and `site.pkcs11_pin_file`"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenKey:
    """Where the secret is.

    Attributes:
        module: the token's library.
        token: its label.
        pin_file: a file with its PIN, for its owner alone.
    """

    module: Path
    token: str
    pin_file: Path = field(repr=False)

    def read(self, *, create: bool = False) -> bytes:
        """The site key, 32 bytes.

        Args:
            create: make a secret in the token if there is none.

        Raises:
            StorageError: no such module, token or secret, a wrong PIN, or the extra is not installed.
        """
        pkcs11 = _library()
        try:
            token = pkcs11.lib(str(self.module)).get_token(token_label=self.token)
            with token.open(rw=create, user_pin=self._pin()) as session:
                try:
                    secret = session.get_key(label=_LABEL, key_type=pkcs11.KeyType.GENERIC_SECRET)
                except pkcs11.NoSuchKey:
                    if not create:
                        raise
                    secret = _new_secret(pkcs11, session)
                return bytes(secret.sign(_TEXT, mechanism=pkcs11.Mechanism.SHA256_HMAC))
        except pkcs11.PKCS11Error as cause:
            what = str(cause) or type(cause).__name__
            raise StorageError(f"the token {self.token} gives no site key: {what}", advice=_ADVICE) from cause

    def _pin(self) -> str:
        try:
            return self.pin_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as cause:
            raise StorageError(f"the PIN file {self.pin_file} cannot be read", advice=_ADVICE) from cause


def _library() -> ModuleType:
    try:
        import pkcs11  # noqa: PLC0415  an extra; most sites keep a file
    except ImportError as cause:
        raise StorageError("python-pkcs11 is not installed", advice="pip install limen[pkcs11]") from cause
    return pkcs11


def _new_secret(pkcs11: ModuleType, session: Any) -> Any:  # the extra may not be installed, so nor are its types
    template = {
        pkcs11.Attribute.SIGN: True,
        pkcs11.Attribute.SENSITIVE: True,
        pkcs11.Attribute.EXTRACTABLE: False,
    }
    kind = pkcs11.KeyType.GENERIC_SECRET
    return session.generate_key(kind, _BITS, label=_LABEL, store=True, template=template)
