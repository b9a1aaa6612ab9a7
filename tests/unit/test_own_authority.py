"""The service's own certificates: made once, trusted by whoever has the authority, made anew in time."""

from __future__ import annotations

import ssl
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from limen.bootstrap.own_authority import own_tls
from limen.core.errors import ConfigError
from support.clock import NOON


def test_a_certificate_is_for_this_machine_and_the_names_asked_for(tmp_path: Path) -> None:
    """Its chain is whole, keys are for their owner alone, and the printed digest is the authority's."""
    made = own_tls(tmp_path, names=["doors.example", "192.0.2.7"], at=NOON)
    found = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    authority = x509.load_pem_x509_certificate(made.authority.read_bytes())
    found.verify_directly_issued_by(authority)
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"doors.example", "localhost"} <= set(names.get_values_for_type(x509.DNSName))
    assert "192.0.2.7" in {str(address) for address in names.get_values_for_type(x509.IPAddress)}
    assert found.not_valid_after_utc - found.not_valid_before_utc <= timedelta(days=398)
    for key in ("server.key", "authority.key"):
        assert stat.S_IMODE((tmp_path / "tls" / key).stat().st_mode) == 0o600
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(made.certificate, made.key)
    assert len(made.fingerprint.split(":")) == 32


def test_what_is_good_is_kept_and_what_ends_is_made_anew_by_the_same_authority(tmp_path: Path) -> None:
    """Devices have to trust once: another name or a year later only the service's certificate changes."""
    first = own_tls(tmp_path, names=[], at=NOON)
    before = first.certificate.read_bytes()
    assert own_tls(tmp_path, names=[], at=NOON + timedelta(days=300)).certificate.read_bytes() == before
    for names, days in ((["other.example"], 0), ([], 380)):
        again = own_tls(tmp_path, names=names, at=NOON + timedelta(days=days))
        assert again.fingerprint == first.fingerprint
        assert again.certificate.read_bytes() != before


def test_damaged_files_are_told(tmp_path: Path) -> None:
    """No new authority takes the place of one that cannot be read."""
    own_tls(tmp_path, names=[], at=NOON)
    (tmp_path / "tls" / "authority.pem").write_text("nothing")
    with pytest.raises(ConfigError, match="cannot be read or made"):
        own_tls(tmp_path, names=[], at=NOON)
