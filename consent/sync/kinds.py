"""The kinds of endpoint there are: what each needs to be told, and how it is asked whether that is right.

Invariant: an endpoint that passed has every secret that its module asks for, and lists that its module can read.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from consent.errors import Fault
from consent.sync import brevo, buttondown, ghost, listmonk, mailchimp
from consent.sync.delivery import Account
from consent.sync.guard import Guard

NUMBER = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)
WORD = re.compile(r"[A-Za-z0-9]{1,32}", re.ASCII)
OBJECT_ID = re.compile(r"[0-9a-f]{24}", re.ASCII)
TAG = re.compile(r"[^\x00-\x1f\x7f]{1,100}")
SECRET = re.compile(r"[!-~]{1,512}", re.ASCII)

Check = Callable[[Guard, Account, int], Awaitable[None]]


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """What a mailing provider's endpoint is made of."""

    secrets: Mapping[str, re.Pattern[str]]
    """Those that it must have, and what each looks like."""
    optional: Sequence[str] = ()
    address: Callable[[Mapping[str, str]], str | None] | None = None
    """Where its API is, by its secrets; None: the publisher has to say."""
    theirs: re.Pattern[str]
    """What a list is called there."""
    needs_lists: bool = True
    check: Check


PROVIDERS: Mapping[str, Provider] = {
    "listmonk": Provider(secrets={"user": SECRET, "token": SECRET}, theirs=NUMBER, check=listmonk.check),
    "mailchimp": Provider(
        secrets={"key": mailchimp.KEY},
        address=lambda secrets: mailchimp.address_of(secrets["key"]),
        theirs=WORD,
        check=mailchimp.check,
    ),
    "brevo": Provider(secrets={"key": SECRET}, address=lambda _: brevo.ADDRESS, theirs=NUMBER, check=brevo.check),
    "buttondown": Provider(
        secrets={"key": SECRET},
        optional=("webhook_secret",),
        address=lambda _: buttondown.ADDRESS,
        theirs=TAG,
        needs_lists=False,
        check=buttondown.check,
    ),
    "ghost": Provider(secrets={"key": ghost.KEY}, optional=("webhook_secret",), theirs=OBJECT_ID, check=ghost.check),
}
POLLED = frozenset({"listmonk"})
"""Those that tell nothing by themselves, and have to be asked who left."""


def faults(kind: str, given: Mapping[str, str], lists: Mapping[str, str]) -> list[Fault]:
    """What is wrong with a provider's secrets and lists, in the words of the request; no secret is repeated."""
    provider = PROVIDERS[kind]
    found = [
        Fault(f"secrets.{name}", f"missing, or not what {kind} gives")
        for name, form in provider.secrets.items()
        if not form.fullmatch(given.get(name, ""))
    ]
    known = {*provider.secrets, *provider.optional}
    found += [Fault(f"secrets.{name[:64]}", f"{kind} has no such secret") for name in given if name not in known]
    found += [
        Fault(f"secrets.{name}", "expected a secret without spaces")
        for name in provider.optional
        if name in given and not SECRET.fullmatch(given[name])
    ]
    if provider.needs_lists and not lists:
        found.append(Fault("lists", f"say which list of yours is which at {kind}"))
    found += [
        Fault(f"lists.{name}", f"this is no list's name at {kind}")
        for name, theirs in lists.items()
        if not provider.theirs.fullmatch(theirs)
    ]
    return found
