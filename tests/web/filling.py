"""The forms of a page as a browser without scripts reads, fills and sends them."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import httpx

from tests.web.stage import Stage


class Form:
    """One form: what it would send, and its buttons."""

    def __init__(self, attributes: dict[str, str | None]) -> None:
        self.action = attributes.get("action") or ""
        self.fields: list[tuple[str, str]] = []
        self.buttons: dict[str, dict[str, str | None]] = {}

    def put(self, **values: str) -> Form:
        """Fills fields; a name that is not there is an error. `**{"purposes[1].id": …}`."""
        for name, value in values.items():
            assert name in dict(self.fields), f"{name} is none of {[name for name, _ in self.fields]}"
            self.fields = [(key, value if key == name else old) for key, old in self.fields]
        return self

    def tick(self, name: str, value: str = "yes") -> Form:
        """Ticks a box, which a form names only when it is ticked."""
        self.fields.append((name, value))
        return self


class Page(HTMLParser):
    """An answer's page: its forms, its text, its address."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__()
        self.response, self.text = response, response.text
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = self._area = self._button = ""
        self._options: list[tuple[str, bool]] = []
        self.feed(response.text)

    def form(self, ending: str = "") -> Form:
        """The form whose action ends so."""
        return next(each for each in self.forms if each.action.endswith(ending))

    def with_button(self, label: str) -> Form:
        """The form that has a button of these words."""
        return next(each for each in self.forms if label in each.buttons)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self._form = Form(given)
            self.forms.append(self._form)
        elif tag == "select":
            self._select, self._options = name, []
        elif tag == "option" and self._select:
            self._options.append((given.get("value") or "", "selected" in given))
        elif tag == "textarea":
            self._area = name
            self._add(name, "")
        elif tag == "button":
            self._button = " "
            self._given = given
        elif tag == "input" and name and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self._add(name, given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select" and self._options:
            self._add(
                self._select, next((value for value, is_chosen in self._options if is_chosen), self._options[0][0])
            )
            self._select = ""
        elif tag == "textarea":
            name, text = self._form.fields[-1] if self._form else ("", "")
            if self._form:
                self._form.fields[-1] = (name, text.removeprefix("\n"))
            self._area = ""
        elif tag == "button" and self._form is not None:
            self._form.buttons[" ".join(self._button.split())] = self._given
            self._button = ""

    def handle_data(self, data: str) -> None:
        if self._area and self._form and self._form.fields:
            name, text = self._form.fields[-1]
            self._form.fields[-1] = (name, text + data)
        if self._button:
            self._button += data

    def _add(self, name: str, value: str) -> None:
        if self._form is not None and name:
            self._form.fields.append((name, value))


class Person:
    """Somebody at a browser without scripts: opens pages, presses buttons, follows."""

    def __init__(self, stage: Stage, signed: dict[str, str]) -> None:
        self.stage, self.signed, self.told = stage, dict(signed), ""
        self.at = ""

    async def open(self, path: str) -> Page:
        """The page at an address; redirects are followed with the cookies that they set."""
        response = await self.stage.http.get(path, headers=self.signed)
        return await self._arrived(path, response)

    async def press(self, page: Page, label: str, form: Form | None = None) -> Page:
        """Presses a button of the page; the form is sent as it was filled."""
        sent = form or page.with_button(label)
        button = sent.buttons[label]
        fields: list[tuple[str, Any]] = list(sent.fields)
        if button.get("name"):
            fields.append((str(button["name"]), button.get("value") or ""))
        path = (button.get("formaction") or sent.action or self.at).partition("#")[0]
        content = httpx.QueryParams(fields).__str__()
        headers = {**self.signed, "Content-Type": "application/x-www-form-urlencoded"}
        response = await self.stage.http.post(path, content=content, headers=headers)
        return await self._arrived(path, response)

    async def _arrived(self, path: str, response: httpx.Response) -> Page:
        while response.status_code == 303:
            path = response.headers["location"]
            told = "; ".join(line.partition(";")[0] for line in response.headers.get_list("set-cookie"))
            cookies = "; ".join(part for part in (self.signed["Cookie"], told) if part)
            response = await self.stage.http.get(path, headers={"Cookie": cookies})
        self.stage.http.cookies.clear()
        self.at = path
        return Page(response)
