"""Runs a publisher's receipt check (`tests/snippets/`) by its own language, as its backend would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.provision.needs import NODE, PHP

SNIPPETS = Path(__file__).parents[1] / "snippets"

PYTHON_RUN = """
import json, sys
from verify_receipt import verify_receipt
print(json.dumps(verify_receipt(**json.load(sys.stdin))))
"""
NODE_RUN = """
import { readFileSync } from "node:fs";
const { verifyReceipt } = await import(process.env.SNIPPET);
const { receipt, keys } = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(verifyReceipt(receipt, keys)));
"""
PHP_RUN = """
error_reporting(E_ALL);
set_error_handler(function (int $level, string $words) { throw new ErrorException($words); });
require getenv('SNIPPET');
$asked = json_decode(stream_get_contents(STDIN), true);
echo json_encode(verify_receipt(...$asked), JSON_FORCE_OBJECT | JSON_THROW_ON_ERROR);
"""


def _command(language: str) -> list[str]:
    if language == "py":
        return [sys.executable, "-W", "error", "-c", PYTHON_RUN]
    if language == "mjs":
        return [str(NODE.path()), "--input-type=module", "-e", NODE_RUN]
    return [str(PHP.path()), "-d", "display_errors=stderr", "-r", PHP_RUN]


def check(language: str, receipt: str, keys: Sequence[str]) -> dict[str, Any] | None:
    """What the snippet says of the receipt, `None` when it throws; anything else is a fault of the snippet."""
    file = SNIPPETS / f"verify_receipt.{language}"
    done = subprocess.run(
        _command(language),
        input=json.dumps({"receipt": receipt, "keys": list(keys)}),
        env=os.environ | {"SNIPPET": str(file), "PYTHONPATH": str(SNIPPETS), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode == 0:
        said: dict[str, Any] = json.loads(done.stdout)
        return said
    assert any(words in done.stderr for words in ("not a receipt", "too old", "not the keys", "BadSignature")), done
    return None
