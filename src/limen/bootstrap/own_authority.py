"""A certificate authority of a site's own: for tablets and browsers in a building without a name on the internet.

1. The authority's key and certificate are made once, in ``tls/`` of the data folder, for their owner alone. Whoever has
   the key can pretend to be this service to every device that trusts the authority; keep it as the site key.
2. There is no authority below it (path length 0).
3. The service's certificate is made anew when it ends soon, or when names are asked for that it does not have.

Source: RFC 5280; CA/Browser Forum Baseline Requirements 7.1 (398 days at most are accepted of a server).
"""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from limen.core.errors import ConfigError
from limen.storage.private_files import write_new

__all__ = ["OwnTls", "own_tls"]

_AUTHORITY_HOLDS, _SERVER_HOLDS = timedelta(days=3650), timedelta(days=397)
_ANEW_BEFORE = timedelta(days=30)
_EARLIER = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTls:
    """Files of the service's TLS.

    Attributes:
        authority: certificate that devices have to trust; no secret.
        certificate, key: of the service.
        fingerprint: SHA-256 of the authority's certificate, to compare by eye.
    """

    authority: Path
    certificate: Path
    key: Path
    fingerprint: str


def own_tls(folder: Path, *, names: Sequence[str], at: datetime) -> OwnTls:
    """The files, made where they are missing or too old.

    Args:
        folder: of the data; they are in ``tls/`` below.
        names: host names and addresses beside this machine's own.
        at: now.

    Raises:
        ConfigError: the folder cannot be written, or what is there cannot be read.
    """
    place = folder / "tls"
    files = OwnTls(
        authority=place / "authority.pem", certificate=place / "server.pem", key=place / "server.key", fingerprint=""
    )
    wanted = sorted({*names, *_own_names()})
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        authority, authority_key = _authority(place, at=at)
        if not _is_good(files.certificate, names=wanted, authority=authority, at=at):
            key = ec.generate_private_key(ec.SECP256R1())
            signed = _signed(wanted[0], key=key, issuer=authority.subject, signer=authority_key, names=wanted, at=at)
            _replace(files.key, _key_bytes(key))
            _replace(files.certificate, signed.public_bytes(serialization.Encoding.PEM))
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(
            f"{place}: the service's own certificates cannot be read or made ({type(error).__name__})",
            advice="check who may write there; a damaged file may be removed, devices then have to trust anew",
        ) from error
    digest = authority.fingerprint(hashes.SHA256()).hex(":").upper()
    return OwnTls(authority=files.authority, certificate=files.certificate, key=files.key, fingerprint=digest)


def _authority(place: Path, *, at: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    path, key_path = place / "authority.pem", place / "authority.key"
    if path.exists():
        key = serialization.load_pem_private_key(key_path.read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("authority.key: expected a key on an elliptic curve")
        return x509.load_pem_x509_certificate(path.read_bytes()), key
    key = ec.generate_private_key(ec.SECP256R1())
    name = f"limen authority of {platform.node()[:40]}"
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = _signed(name, key=key, issuer=issuer, signer=key, names=(), at=at)
    _replace(key_path, _key_bytes(key))
    _replace(path, certificate.public_bytes(serialization.Encoding.PEM))
    return certificate, key


def _signed(
    name: str,
    *,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    names: Sequence[str],
    at: datetime,
) -> x509.Certificate:
    """A certificate for a service of these names; without any, one for an authority."""
    is_authority = not names
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _EARLIER)
        .not_valid_after(at + (_AUTHORITY_HOLDS if is_authority else _SERVER_HOLDS))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=0 if is_authority else None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not is_authority,
                key_cert_sign=is_authority,
                crl_sign=is_authority,
                decipher_only=False,
                **usage,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if not is_authority:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        ).add_extension(x509.SubjectAlternativeName([_general(item) for item in names]), critical=False)
    return builder.sign(signer, hashes.SHA256())


def _is_good(path: Path, *, names: Sequence[str], authority: x509.Certificate, at: datetime) -> bool:
    if not path.exists():
        return False
    found = x509.load_pem_x509_certificate(path.read_bytes())
    held = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return (
        found.issuer == authority.subject
        and found.not_valid_after_utc - at > _ANEW_BEFORE
        and all(_general(name) in held for name in names)
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _own_names() -> tuple[str, ...]:
    host = platform.node()
    return ("localhost", "127.0.0.1", "::1", *((host,) if host.isascii() and host else ()))


def _key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, plain)


def _replace(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.unlink(missing_ok=True)
    write_new(unfinished, [content])
    unfinished.replace(path)
