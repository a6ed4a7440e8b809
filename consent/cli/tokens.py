"""`consent token verify|keys`: receipts, and the keys to check them with elsewhere."""

from __future__ import annotations

import sys

import click
import msgspec

from consent import clock
from consent.errors import BadToken
from consent.settings import from_environment
from consent.tokens import Receipt, Tokens


@click.group()
def token() -> None:
    """Check a receipt, or print the keys that a publisher's own backend checks receipts with."""


@token.command()
@click.argument("token")
@click.option("--site", required=True, help="The site whose receipt it must be.")
def verify(token: str, site: str) -> None:
    """Print what the receipt TOKEN says, as JSON; exit 1 when it is not one of SITE's."""
    try:
        receipt = _tokens().read("receipt", site, token, Receipt)
    except BadToken as error:
        click.echo(f"not valid: {error.detail}", err=True)
        sys.exit(1)
    click.echo(msgspec.json.format(msgspec.json.encode(receipt)))


@token.command()
@click.option("--site", required=True, help="The site whose keys to print.")
def keys(site: str) -> None:
    """Print the keys of SITE that receipts are checked with, oldest first, one a line. Keep them secret."""
    for one in _tokens().site_keys(site):
        click.echo(one)


def _tokens() -> Tokens:
    return Tokens(from_environment(makes_secret=False).secrets, clock.now)
