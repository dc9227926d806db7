"""Videos with Content Credentials, signed under a certificate authority that lives as long as a test."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from PIL import Image

TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
VALID = (NOW - DAY, NOW + 30 * DAY)
EXPIRED = (NOW - 30 * DAY, NOW - DAY)
NOT_YET = (NOW + 10 * DAY, NOW + 30 * DAY)

SHA256 = hashes.SHA256()
SIGNS_CONTENT = ExtendedKeyUsageOID.EMAIL_PROTECTION
"""C2PA takes this, too, and c2pa knows it without being told."""
CAPTURED = {
    "action": "c2pa.created",
    "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
}
OPENED = {"action": "c2pa.opened", "parameters": {"ingredientIds": ["parent"]}}
"""Of the ingredient that `Authority.sign` is given as `parent`."""
OPENED_NOTHING = {"action": "c2pa.opened"}
"""C2PA's rules ask for the ingredient."""
EDITED = {"action": "c2pa.trimmed", "softwareAgent": {"name": "CutMaster"}, "when": "2026-11-20T10:00:00Z"}


class Authority:
    """A certificate authority with one signer. ES256, as C2PA asks of both."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._signer = ec.generate_private_key(ec.SECP256R1())
        self._root = (
            self._certificate("Test root", self._key, NOW - 400 * DAY, NOW + 400 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(self._key, SHA256)
        )

    def anchors(self, path: Path) -> Path:
        """A PEM file that puts this authority on the trust list."""
        path.write_bytes(self._root.public_bytes(Encoding.PEM))
        return path

    def sign(
        self,
        source: Path,
        target: Path,
        *,
        actions: tuple[dict[str, Any], ...] = (CAPTURED,),
        parent: Path | None = None,
        remote: str | None = None,
        valid: tuple[datetime, datetime] = VALID,
        stamp: str | None = None,
    ) -> Path:
        """A copy of an MP4, JPEG, PNG or WebP file with a manifest.

        Args:
            remote: the address of a manifest, which takes the place of the manifest itself.
            valid: from when to when the certificate is. It must be so now.
            stamp: the address of a time-stamping authority.
        """
        manifest = {
            "claim_generator_info": [{"name": "TestCam", "version": "1"}],
            "title": source.name,
            "assertions": [{"label": "c2pa.actions", "data": {"actions": list(actions)}}],
        }
        leaf = self._leaf("Test signer", self._signer, valid, SIGNS_CONTENT)
        with (
            self._signing(leaf, self._signature, stamp) as signer,
            c2pa.Context.from_dict({"verify": {"verify_after_sign": False}}) as context,
            c2pa.Builder(json.dumps(manifest), context) as builder,
            source.open("rb") as original,
            target.open("w+b") as signed,
        ):
            if parent:
                with parent.open("rb") as file:
                    ingredient = {"title": parent.name, "relationship": "parentOf", "label": "parent"}
                    builder.add_ingredient(json.dumps(ingredient), "video/mp4", file)
            if remote:
                builder.set_remote_url(remote)
                builder.set_no_embed()
            builder.sign(signer, TYPES.get(source.suffix, "video/mp4"), original, signed)
        return target

    def sign_packed(self, target: Path, *, unpacked_bytes: int) -> Path:
        """A picture whose manifest is packed (Brotli): a thumbnail of zeros takes next to no room in it.

        A picture, since c2pa packs none for videos; it reads them in any file.
        """
        manifest = {
            "thumbnail": {"format": "image/jpeg", "identifier": "thumbnail"},
            "assertions": [{"label": "c2pa.actions", "data": {"actions": [CAPTURED]}}],
        }
        settings = {
            "verify": {"verify_after_sign": False},
            "core": {"prefer_compress_manifests": True},
        }
        original = io.BytesIO()
        Image.new("RGB", (64, 48)).save(original, "JPEG")
        leaf = self._leaf("Test signer", self._signer, VALID, SIGNS_CONTENT)
        with (
            self._signing(leaf, self._signature, None) as signer,
            c2pa.Context.from_dict(settings) as context,
            c2pa.Builder(json.dumps(manifest), context) as builder,
            target.open("w+b") as signed,
        ):
            builder.add_resource("thumbnail", io.BytesIO(bytes(unpacked_bytes)))
            builder.sign(signer, "image/jpeg", original, signed)
        return target

    def sign_with(
        self,
        source: Path,
        target: Path,
        *,
        valid: tuple[datetime, datetime] = VALID,
        usage: ObjectIdentifier = SIGNS_CONTENT,
    ) -> Path:
        """The same with a certificate that c2pa would refuse to sign with.

        It signs with a good one, whose bytes are exchanged for those of the bad one before they are hashed,
        and in the file.
        """
        good = self._leaf("Test signer", self._signer, VALID, SIGNS_CONTENT)
        bad = self._leaf("Test signer", self._signer, valid, usage)
        while len(bad) != len(good):  # the length of a signature varies by a byte or two
            bad = self._leaf("Test signer", self._signer, valid, usage)
        manifest = {
            "title": source.name,
            "assertions": [{"label": "c2pa.actions", "data": {"actions": [CAPTURED]}}],
        }
        with (
            self._signing(good, lambda claim: self._signature(claim.replace(good, bad)), None) as signer,
            c2pa.Context.from_dict({"verify": {"verify_after_sign": False}}) as context,
            c2pa.Builder(json.dumps(manifest), context) as builder,
            source.open("rb") as original,
            target.open("w+b") as signed,
        ):
            builder.sign(signer, "video/mp4", original, signed)
        data = target.read_bytes()
        assert data.count(good) == 1
        target.write_bytes(data.replace(good, bad))
        return target

    def stamper(self) -> tuple[bytes, bytes]:
        """Key and certificate of a time-stamping authority, PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        stamps = ExtendedKeyUsageOID.TIME_STAMPING
        leaf = x509.load_der_x509_certificate(self._leaf("Test TSA", key, VALID, stamps))
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return secret, leaf.public_bytes(Encoding.PEM)

    def _signing(self, leaf: bytes, signature: Callable[[bytes], bytes], stamp: str | None) -> c2pa.Signer:
        chain = x509.load_der_x509_certificate(leaf).public_bytes(Encoding.PEM)
        chain += self._root.public_bytes(Encoding.PEM)
        return c2pa.Signer.from_callback(signature, c2pa.C2paSigningAlg.ES256, chain.decode(), stamp)

    def _signature(self, claim: bytes) -> bytes:
        """As COSE wants it: both numbers, 32 bytes each."""
        r, s = decode_dss_signature(self._signer.sign(claim, ec.ECDSA(SHA256)))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def _leaf(
        self,
        name: str,
        key: ec.EllipticCurvePrivateKey,
        valid: tuple[datetime, datetime],
        usage: ObjectIdentifier,
    ) -> bytes:
        stamps = usage == ExtendedKeyUsageOID.TIME_STAMPING
        return (
            self._certificate(name, key, *valid)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=stamps)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
            .sign(self._key, SHA256)
            .public_bytes(Encoding.DER)
        )

    @staticmethod
    def _certificate(
        name: str, key: ec.EllipticCurvePrivateKey, first: datetime, last: datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name("Test root"))
            .public_key(key.public_key())
            .serial_number(len(name))
            .not_valid_before(first)
            .not_valid_after(last)
        )


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Throw-away"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
