"""Videos with Content Credentials, signed under a certificate authority that lives as long as a test."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
VALID = (NOW - DAY, NOW + 30 * DAY)
EXPIRED = (NOW - 30 * DAY, NOW - DAY)
NOT_YET = (NOW + 10 * DAY, NOW + 30 * DAY)

SHA256 = hashes.SHA256()
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
    ) -> Path:
        """A copy of an MP4 file with a manifest, or with nothing but the address of one (`remote`)."""
        return self._sign(source, target, actions, parent, remote, lambda claim: claim)

    def sign_with(
        self,
        source: Path,
        target: Path,
        *,
        valid: tuple[datetime, datetime] = VALID,
        usage: ObjectIdentifier = ExtendedKeyUsageOID.EMAIL_PROTECTION,
    ) -> Path:
        """The same with a certificate that c2pa would refuse to sign with.

        It signs with a good one, whose bytes are exchanged for those of the bad one before they are hashed,
        and in the file.
        """
        good = self._leaf(VALID, ExtendedKeyUsageOID.EMAIL_PROTECTION)
        bad = self._leaf(valid, usage)
        while len(bad) != len(good):  # the length of a signature varies by a byte or two
            bad = self._leaf(valid, usage)
        signed = self._sign(
            source, target, (CAPTURED,), None, None, lambda claim: claim.replace(good, bad), leaf=good
        )
        data = signed.read_bytes()
        assert data.count(good) == 1
        target.write_bytes(data.replace(good, bad))
        return target

    def _sign(
        self,
        source: Path,
        target: Path,
        actions: Any,
        parent: Path | None,
        remote: str | None,
        exchanged: Any,
        leaf: bytes | None = None,
    ) -> Path:
        def signature(claim: bytes) -> bytes:
            r, s = decode_dss_signature(self._signer.sign(exchanged(claim), ec.ECDSA(SHA256)))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")

        leaf = leaf or self._leaf(VALID, ExtendedKeyUsageOID.EMAIL_PROTECTION)
        chain = x509.load_der_x509_certificate(leaf).public_bytes(Encoding.PEM)
        chain += self._root.public_bytes(Encoding.PEM)
        manifest = {
            "claim_generator_info": [{"name": "TestCam", "version": "1"}],
            "title": source.name,
            "assertions": [{"label": "c2pa.actions", "data": {"actions": list(actions)}}],
        }
        with (
            c2pa.Context.from_dict({"verify": {"verify_after_sign": False}}) as context,
            c2pa.Signer.from_callback(signature, c2pa.C2paSigningAlg.ES256, chain.decode(), None) as signer,
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
            builder.sign(signer, "video/mp4", original, signed)
        return target

    def _leaf(self, valid: tuple[datetime, datetime], usage: ObjectIdentifier) -> bytes:
        return (
            self._certificate("Test signer", self._signer, *valid)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
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
            .serial_number(7 if name == "Test signer" else 5)
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
