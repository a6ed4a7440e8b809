"""The `consent` command: every trip that needs no browser.

Invariant: what goes wrong is told in one sentence on stderr with its mend, and the exit code is 0 for
done, 1 for refused or found wanting, 2 for a call that cannot be understood.
"""

from __future__ import annotations

import sys

import click

from consent import __version__
from consent.cli import erasing, keys, logs, mails, pins, readers, serving, sites, tokens, upkeep, webhooks
from consent.errors import ConsentError, Refused


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="consent")
def cli() -> None:
    """Records consent choices, and can prove each of them.

    Settings come from the environment (CONSENT_…); see the table in the README.
    """


for command in (
    serving.demo,
    serving.serve,
    sites.site,
    keys.key,
    logs.export,
    logs.verify,
    mails.mail,
    erasing.erase,
    readers.import_,
    readers.suppress,
    readers.sweep,
    tokens.token,
    webhooks.webhook,
    upkeep.migrate,
    upkeep.doctor,
):
    cli.add_command(command)
for command in (pins.pin, pins.pins, pins.unpin):
    sites.site.add_command(command)


def main() -> None:
    """Runs the command line."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Refused as error:
        for fault in error.faults:
            click.echo(str(fault), err=True)
        sys.exit(1)
    except ConsentError as error:
        click.echo(f"consent: {error.detail}", err=True)
        sys.exit(1)
