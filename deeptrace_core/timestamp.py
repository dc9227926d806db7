"""A second witness: RFC 3161 time stamps, for those without a chain, or beside it.

A time-stamping authority signs that it saw a digest at a time. It needs no key and no coins of ours, answers
at once and can be checked offline; in exchange the authority must be trusted. It learns the digest only.
"""

import urllib.request
from datetime import UTC

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from deeptrace_core.errors import AuthorityUnavailableError, TimestampInvalidError

TIMEOUT_S = 20
MAX_ANSWER_BYTES = 200_000
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"


def request_timestamp(data: bytes, authority: str) -> bytes:
    """Have an authority stamp the SHA-256 of these bytes.

    Returns:
        Its answer as it came (DER): what `openssl ts -verify` reads too.

    Raises:
        AuthorityUnavailableError: it does not answer, or refuses.
        TimestampInvalidError: what it answers is no stamp of these bytes.
    """
    query = (
        TimestampRequestBuilder()
        .data(data)
        .hash_algorithm(HashAlgorithm.SHA256)
        .nonce(nonce=True)
        .cert_request(cert_request=True)
        .build()
    )
    try:
        request = urllib.request.Request(
            authority, query.as_bytes(), {"Content-Type": QUERY, "Accept": REPLY}
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            stamp: bytes = answer.read(MAX_ANSWER_BYTES)
    except (OSError, ValueError) as error:
        raise AuthorityUnavailableError(f"The time-stamping authority does not answer: {error}.") from error
    response = _decoded(stamp)
    answered, asked = response.tst_info, query.message_imprint
    if answered.nonce != query.nonce or answered.message_imprint.message != asked.message:
        raise TimestampInvalidError("The authority answered a question that was not asked.")
    return stamp


def timestamp_time(stamp: bytes, data: bytes, root_pem: bytes) -> tuple[str, str]:
    """When the authority saw these bytes, RFC 3339, and the name of the root that it was checked against.

    Args:
        stamp: the authority's answer, DER.
        root_pem: certificates that the verifier trusts. The signature is checked as of the time of the stamp.

    Raises:
        TimestampInvalidError: it is no stamp, is of other bytes, or is not signed under one of the roots.
    """
    response = _decoded(stamp)
    try:
        roots = x509.load_pem_x509_certificates(root_pem)
        builder = VerifierBuilder()
        for root in roots:
            builder = builder.add_root_certificate(root)
        builder.build().verify_message(response, data)
    except (VerificationError, ValueError, AssertionError) as error:
        raise TimestampInvalidError(f"The time stamp does not hold: {error}.") from error
    moment = response.tst_info.gen_time.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return moment, ", ".join(root.subject.rfc4514_string() for root in roots)


def _decoded(stamp: bytes) -> TimeStampResponse:
    try:
        response = decode_timestamp_response(stamp)
        response.tst_info  # noqa: B018 (a refusal has none, which is noticed only here)
        return response
    except ValueError as error:
        raise TimestampInvalidError from error
