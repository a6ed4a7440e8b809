"""The `consent` command: every trip that needs no browser.

Invariant: what goes wrong is told in one sentence on stderr with its mend, and the exit code is 0 for
done, 1 for refused or found wanting, 2 for a call that cannot be understood.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module

import click

from consent import __version__
from consent.errors import ConsentError, Refused


class Commands(click.Group):
    """Each command's module is read when the command is called: no call waits for what the others need."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; None when there is no such."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        found: click.Command = getattr(import_module(f"consent.cli.{module}"), name)
        return found


COMMANDS: Mapping[str, tuple[str, str]] = {
    "access": ("erasing", "access"),
    "backup": ("archives", "backup"),
    "dashboard": ("dashboards", "dashboard"),
    "demo": ("serving", "demo"),
    "doctor": ("upkeep", "doctor"),
    "erase": ("erasing", "erase"),
    "export": ("readers", "export"),
    "import": ("readers", "import_"),
    "key": ("keys", "key"),
    "mail": ("mails", "mail"),
    "migrate": ("upkeep", "migrate"),
    "restore": ("archives", "restore"),
    "serve": ("serving", "serve"),
    "site": ("pins", "site"),
    "suppress": ("readers", "suppress"),
    "sweep": ("readers", "sweep"),
    "token": ("tokens", "token"),
    "user": ("members", "members"),
    "verify": ("logs", "verify"),
    "webhook": ("webhooks", "webhook"),
}
"""Where each command is: its module here, and its name there."""


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="consent")
def cli() -> None:
    """Records consent choices, and can prove each of them.

    Settings come from the environment (CONSENT_…); see the table in the README.
    """


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
