"""`python -m consent` and the `consent` command."""

from __future__ import annotations

from consent.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
