"""Reads a trace of system calls (strace -f -y -xx) back into files, as a power cut would have left them.

Only what was synced counts: a file's content is what was written to it before the beginning of its last finished
`fsync` or `fdatasync`. All that was written since is thrown away, which no disk is bound to do, but any may.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

CALLS = "pwrite64,write,ftruncate,fsync,fdatasync"
_LINE = re.compile(rb"^(?:\[pid +)?(?P<pid>\d+)\]? +(?P<rest>.*)$")
_UNFINISHED = re.compile(rb"^(?P<head>.*?) <unfinished \.\.\.>$")
_RESUMED = re.compile(rb"^<\.\.\. \w+ resumed>(?P<tail>.*)$")
_CALL = re.compile(rb"^(?P<name>\w+)\((?P<fd>\d+)<(?P<path>[^>]*)>(?:, (?P<args>.*))?\) += (?P<result>-?\d+)")
_ESCAPE = re.compile(rb"\\x([0-9a-f]{2})")


class Call(NamedTuple):
    """One finished call; `begun` is how many calls had finished when it began."""

    name: str
    fd: int
    path: str
    args: bytes
    begun: int


class Cut(NamedTuple):
    """The power goes: what the process had said so far, and the files as they were synced."""

    said: bytes
    files: dict[str, bytes]


def calls(trace: Iterable[bytes]) -> Iterator[Call]:
    """The finished calls, in order."""
    unfinished: dict[bytes, tuple[bytes, int]] = {}
    finished = 0
    for raw in trace:
        line = _LINE.match(raw.rstrip(b"\n"))
        if line is None:
            continue
        pid, text, begun = line["pid"], line["rest"], finished
        if head := _UNFINISHED.match(text):
            unfinished[pid] = (head["head"], finished)
            continue
        if tail := _RESUMED.match(text):
            start, begun = unfinished.pop(pid)
            text = start + tail["tail"]
        call = _CALL.match(text)
        if call is None or int(call["result"]) < 0:
            continue
        finished += 1
        path = _unescaped(call["path"]).decode()
        yield Call(call["name"].decode(), int(call["fd"]), path, call["args"] or b"", begun)


def cuts(trace: Iterable[bytes]) -> Iterator[Cut]:
    """A power cut right after each thing that the process said (its writes to standard output)."""
    synced: dict[str, bytearray] = {}
    pending: dict[str, list[tuple[int, Call]]] = {}
    said = b""
    for number, call in enumerate(calls(trace)):
        if call.name == "write" and call.fd == 1:
            said += _data(call.args)
            yield Cut(said, {path: bytes(content) for path, content in synced.items()})
        elif call.name in ("fsync", "fdatasync"):
            waiting = pending.get(call.path, [])
            content = synced.setdefault(call.path, bytearray())
            for _, change in (each for each in waiting if each[0] < call.begun):
                _apply(content, change)
            pending[call.path] = [each for each in waiting if each[0] >= call.begun]
        else:
            pending.setdefault(call.path, []).append((number, call))


def _apply(content: bytearray, change: Call) -> None:
    if change.name == "ftruncate":
        size = int(change.args)
        content[size:] = bytes(max(0, size - len(content)))
        return
    data = _data(change.args)
    offset = int(change.args.rpartition(b", ")[2]) if change.name == "pwrite64" else len(content)
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(data)] = data


def _data(args: bytes) -> bytes:
    """The written bytes: the quoted first argument, which strace was told to show whole."""
    return _unescaped(args[1 : args.index(b'"', 1)])


def _unescaped(text: bytes) -> bytes:
    return _ESCAPE.sub(lambda escape: bytes.fromhex(escape[1].decode()), text)
