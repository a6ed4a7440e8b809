"""The demo's pages: an article that embeds the widget from another origin, its player, the mailbox, and a way into the
console.

The article is opened on 127.0.0.1, the service is addressed as localhost: two origins, one process.
"""

from __future__ import annotations

from pathlib import Path

from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Route

from consent.web.demo.article import SITE, Article
from consent.web.demo.console import Console
from consent.web.demo.files import serve
from consent.web.demo.mailbox import Mailbox


def demo_routes(*, service_url: str, mail_folder: Path) -> list[BaseRoute]:
    """The routes that `consent demo` mounts beside the service's own.

    `service_url` is where the widget comes from (`http://localhost:8000`), `mail_folder` the spool's folder, which
    need not be there yet.
    """
    article, mailbox = Article(service_url), Mailbox(mail_folder)
    return [
        Route("/", RedirectResponse("/demo")),
        Route("/demo", article.page),
        Route("/demo/video", article.player),
        Route("/demo/assets/{name}", serve),
        Route("/demo/console", Console(service_url, SITE).enter),
        Route("/demo/mail", mailbox.page),
        Route("/demo/mail/{name}", mailbox.mail),
    ]
