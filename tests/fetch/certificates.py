"""Certificates made at test time: an authority, an intermediate, and servers they vouch for."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Signer:
    """A certificate with its key, able to sign others."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def save(self, path: Path) -> Path:
        path.write_bytes(self.pem)
        return path


def authority(name: str, by: Signer | None = None) -> Signer:
    """A root, or an intermediate that somebody else signed."""
    return _signed(name, by, [(x509.BasicConstraints(ca=True, path_length=None), True)])


def server_certificate(by: Signer | None, *names: str, expired: bool = False, rsa: bool = False) -> Signer:
    """A server's certificate for host names and addresses; signed by itself without a signer."""
    alternatives = [
        x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name) for name in names
    ]
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.SubjectAlternativeName(alternatives), False),
    ]
    return _signed(names[0], by, extensions, expired=expired, use_rsa=rsa)


def server_context(folder: Path, leaf: Signer, *chain: Signer) -> ssl.SSLContext:
    """A server's TLS context that presents the certificate and these others."""
    file = folder / f"{leaf.certificate.serial_number}.pem"
    key = leaf.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(key + leaf.pem + b"".join(one.pem for one in chain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def _signed(
    name: str,
    by: Signer | None,
    extensions: list[tuple[x509.ExtensionType, bool]],
    *,
    expired: bool = False,
    use_rsa: bool = False,
) -> Signer:
    key = rsa.generate_private_key(65537, 2048) if use_rsa else ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 3 * _DAY)
        .not_valid_after(now - _DAY if expired else now + _DAY)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return Signer(builder.sign(by.key if by else key, hashes.SHA256()), key)
