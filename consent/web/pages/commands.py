"""An operation as a command for a shell, with curl.

Invariant: it is the operation's own example that is sent, and no real key or address stands in it.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

Node = Mapping[str, Any]

SITE = "miami-new-times"
BREAK = " \\\n  "


def sample(content: Node) -> str:
    """What a body looks like, of the first media type that has an example."""
    example = next((part["example"] for part in content.values() if "example" in part), "")
    return example if isinstance(example, str) else json.dumps(example, indent=2)


def command(method: str, path: str, described: Node) -> str:
    """Asks the operation from a shell; `$CONSENT_URL` is the service, `$CONSENT_KEY` the key."""
    return BREAK.join(["curl " + " ".join(_asking(method)), *_headers(described), *_data(described), _address(path)])


def _asking(method: str) -> Iterator[str]:
    yield "--fail-with-body"
    if method not in ("get", "post"):
        yield f"--request {method.upper()}"
    if method == "post":
        yield "--request POST"


def _headers(described: Node) -> Iterator[str]:
    if described.get("security"):
        yield '--header "Authorization: Bearer $CONSENT_KEY"'
    if any(one["name"] == "Idempotency-Key" for one in described.get("parameters", ())):
        yield '--header "Idempotency-Key: $(uuidgen)"'


def _data(described: Node) -> Iterator[str]:
    content = described.get("requestBody", {}).get("content", {})
    media = next(iter(content), "")
    if media == "application/json" and "example" in content[media]:
        yield f"--json {shlex.quote(json.dumps(content[media]['example']))}"
    elif media == "application/toml":
        yield "--header 'Content-Type: application/toml' --data-binary @site.toml"


def _address(path: str) -> str:
    return f'"$CONSENT_URL{path.replace("{site}", SITE)}"'
