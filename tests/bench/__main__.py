"""`python -m tests.bench [names…]`: measures, prints the table, and writes it as JSON where asked to."""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from tests.bench import exporting, footprint, machine, reading, signup, streams, widget, writing
from tests.bench.results import QUICK, Effort, Row, table
from tests.provision.needs import Missing

BENCHES: dict[str, Callable[[Effort], Iterator[Row]]] = {
    "sqlite": writing.sqlite,
    "postgres": writing.postgres,
    "slow-disk": writing.slow_disk,
    "filled": writing.filled,
    "two-workers": writing.two_workers,
    "loader": reading.loader,
    "signup": signup.signup,
    "widget": widget.widget,
    "memory": footprint.memory,
    "start": footprint.start,
    "through": streams.through,
    "export": exporting.export,
}


def main() -> int:
    """Measures what is named, or everything; the exit code says only whether it could be measured."""
    chosen = _arguments()
    effort = QUICK if chosen.quick else Effort()
    if chosen.records:
        effort = msgspec.structs.replace(effort, records=chosen.records)
    rows: list[Row] = []
    faults = 0
    print(f"{time.strftime('%F %T')}, Python {platform.python_version()}, load {machine.busy()}", flush=True)
    for name in chosen.names or BENCHES:
        print(f"\n{name}: {(BENCHES[name].__doc__ or '').strip()}", flush=True)
        try:
            found = list(BENCHES[name](effort))
        except Missing as fault:
            faults += 1
            print(fault, flush=True)
            continue
        print(table(found), flush=True)
        rows += found
    print(f"\nload at the end {machine.busy()}")
    if chosen.json:
        chosen.json.write_bytes(msgspec.json.format(msgspec.json.encode(rows)))
    return min(faults, 1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *BENCHES], metavar="name", help=", ".join(BENCHES))
    parser.add_argument("--quick", action="store_true", help="shorter loads, 100,000 records instead of a million")
    parser.add_argument("--records", type=int, help="how many records a filled log has, e.g. 10000000")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
