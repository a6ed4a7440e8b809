"""JSON Schemas of the site file (for editors: completion, and most faults while typing) and of the notice.

Invariant: both are made from the structs that read and write the thing itself; the committed files in `schema/json/`
are this module's output, and a test fails when they are not.
"""

from __future__ import annotations

from typing import Any

import msgspec

from consent.notices.catalogue import measure
from consent.notices.notice import Notice
from consent.notices.sitefile import SiteFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


def site_schema() -> Schema:
    """The schema of a site file. Rules between values (ids that differ, complete languages) are the reader's alone."""
    schema = _schema(SiteFile, "urn:consent:schema:site", "Site file")
    texts = schema["$defs"]["SiteFile"]["properties"]["texts"]
    texts["additionalProperties"] = _sections(texts["additionalProperties"])
    return schema


def notice_schema() -> Schema:
    """The schema of a notice's document."""
    return _schema(Notice, "urn:consent:schema:notice", "Notice")


def _schema(root: type[msgspec.Struct], name: str, title: str) -> Schema:
    # Through JSON, because defaults come as tuples where JSON has lists.
    schema: Schema = msgspec.json.decode(msgspec.json.encode(msgspec.json.schema(root)))
    for key, definition in schema["$defs"].items():
        definition["title"] = _spaced(key.removesuffix("Entry"))
    return {"$schema": DIALECT, "$id": name, "title": title, **schema}


def _sections(any_section: Schema) -> Schema:
    """Only the sections and keys that exist, so that an editor offers them; what may stand there stays as it was."""
    words = any_section["additionalProperties"]["additionalProperties"]
    return _closed({section: _closed(dict.fromkeys(keys, words)) for section, keys in measure().items()})


def _closed(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _spaced(name: str) -> str:
    """`SiteFile` as `Site file`."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip().capitalize()
