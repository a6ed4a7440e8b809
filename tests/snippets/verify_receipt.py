"""Checks a consent receipt with the site's keys and itsdangerous (`pip install itsdangerous`)."""

import hashlib
import time
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer

MAX_AGE = 5 * 365 * 86400  # seconds: as long as the service itself accepts a receipt
CLOCK_SKEW = 300  # seconds by which the service's clock may be ahead of yours


def verify_receipt(receipt: str, keys: list[str]) -> dict[str, Any]:
    """What the receipt says; raises BadSignature when it is not one of this site's, or too old.

    `keys` are the lines that `consent token keys --site SITE` prints.
    """
    if not keys or any(len(key) != 64 for key in keys):  # with an empty one, anybody could sign
        raise ValueError("not the keys that `consent token keys` prints")
    if receipt.count(".") != 2:  # a third dot, in front, would mean compressed: the service never does that
        raise BadSignature("not a receipt")
    signing = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    serializer = URLSafeTimedSerializer(keys, salt="consent.receipt", signer_kwargs=signing)
    content, signed_at = serializer.loads(receipt, return_timestamp=True)
    if not -CLOCK_SKEW <= time.time() - signed_at.timestamp() <= MAX_AGE:
        raise BadSignature("too old, or dated in the future")
    return dict(content)
