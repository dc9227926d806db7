"""Report -> bytes -> digest. What this file means never changes: digests on a chain depend on it.

Canonical form is RFC 8785 (JSON Canonicalization Scheme), the digest is SHA-256.
`tests/golden/` holds byte-exact vectors.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785


def canonical_bytes(document: Mapping[str, Any]) -> bytes:
    """The RFC 8785 form of a JSON document.

    Raises:
        rfc8785.CanonicalizationError: a value has no canonical form (NaN, infinity, a huge integer).
    """
    return rfc8785.dumps(dict(document))


def digest(data: bytes) -> str:
    """SHA-256 as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
