"""Every command says what it does; what cannot be understood is exit code 2."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from consent.cli import cli
from tests.cli.command import Shell


def commands(group: click.Group = cli, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with the words that call it, groups too."""
    context = click.Context(group)
    for name in sorted(group.list_commands(context)):
        command = group.get_command(context, name)
        assert command is not None
        yield (*before, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*before, name))


NAMES = [" ".join(words) for words, _ in commands()]


def test_the_commands_are_those_of_the_contract() -> None:
    wanted = {
        "demo", "serve", "site check", "site publish", "key new", "key list", "key revoke", "export consents", "verify",
        "migrate", "doctor", "token verify", "user invite", "export subscribers", "erase", "sweep", "backup", "restore",
    }  # fmt: skip
    assert wanted <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help_and_every_option_too(name: str) -> None:
    command = {" ".join(words): one for words, one in commands()}[name]
    shown = CliRunner().invoke(cli, [*name.split(), "--help"])
    assert shown.exit_code == 0
    assert "Usage:" in shown.output
    assert command.help
    assert command.help.strip().splitlines()[0].endswith((".", ","))
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name != "help":
            assert parameter.help or parameter.name == "form", parameter.name


async def test_help_and_version_are_answers_not_errors(shell: Shell) -> None:
    assert "Records consent choices" in shell.good("-h").out
    assert shell.good("--version").out.startswith("consent, version ")


@pytest.mark.parametrize(
    "arguments", [("nothing",), ("site", "check", "no-such-file"), ("serve", "--workers", "0"), ()]
)
async def test_what_cannot_be_understood_is_2(shell: Shell, arguments: tuple[str, ...]) -> None:
    done = shell.run(*arguments)
    assert done.code == 2
    assert "Usage:" in done.err
