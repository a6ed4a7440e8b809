"""A self-hosted service that records consent choices and newsletter signups, and can prove each of them."""

from __future__ import annotations

__version__ = "0.1.0"
