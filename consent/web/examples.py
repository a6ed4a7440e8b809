"""What bodies look like: an example of each, for the document and the page made of it.

Invariant: each example is read by the struct that it is an example of (a test holds them together).
"""

from __future__ import annotations

from typing import Any

_ID = "01932f6c-8a52-7c3e-9d6b-0b7c51f0a411"
_SUBJECT = "01932f6c-8a52-7c3e-9d6b-5f0e2b7d9c10"
_NOTICE = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

BODIES: dict[str, Any] = {
    "ConsentRequest": {
        "id": _ID,
        "subject": _SUBJECT,
        "notice": _NOTICE,
        "language": "en",
        "action": "save",
        "purposes": {"analytics": True, "content": False, "advertising": False},
        "regime": "opt_in",
    },
    "Event": {"kind": "notice_shown", "notice": _NOTICE, "language": "en"},
    "HandOffRequest": {"receipt": "eyJpZCI6…", "to": "https://www.harbour-post.example"},
    "OpenRequest": {"token": "eyJpZCI6…", "notice": _NOTICE},
    "SignupRequest": {"email": "reader@example.org", "lists": ["top-stories"], "language": "en"},
    "EmailBody": {"email": "reader@example.org"},
    "TokenBody": {"token": "eyJpZCI6…"},
    "ReplayBody": {"id": _ID},
    "Who": {"emails": ["reader@example.org"], "subjects": [_SUBJECT]},
    "ErasureBody": {"emails": ["reader@example.org"], "dry_run": True},
    "EndpointRequest": {"kind": "webhook", "url": "https://news.example/hooks/consent", "events": ["signup.confirmed"]},
}
"""Struct -> an example of it."""

FILE = 'id = "miami-new-times"\nname = "Miami New Times"\n# … the whole site file'
