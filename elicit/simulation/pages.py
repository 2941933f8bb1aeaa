"""Read the forms of a page as a person's browser would, so that a program can walk the real views.

Pure: no Django. Only what the page offers can be sent: a field that is not in the form is an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID_TAGS = frozenset({"br", "img", "input", "hr", "meta", "link", "path", "circle", "rect", "line", "polyline", "use"})
VOID_TYPES = frozenset({"submit", "button", "image", "reset", "file"})


class FieldNotOffered(ValueError):
    """The program wanted to send something that the page does not ask for."""


@dataclass
class PageForm:
    """One form: where it goes, what it would send as it stands, which values its choices offer, its buttons."""

    action: str = ""
    method: str = "get"
    values: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def filled(
        self, answers: Mapping[str, str | list[str]], *, button: tuple[str, str] | None = None
    ) -> dict[str, list[str]]:
        """Return what the browser would send once the fields in `answers` are filled in.

        Raises
        ------
        FieldNotOffered
            When the form has no such field, choice or button.
        """
        sent = {name: list(values) for name, values in self.values.items()}
        for name, answer in answers.items():
            given = [answer] if isinstance(answer, str) else list(answer)
            self._check(name, given)
            sent[name] = given
        if button is not None:
            if button not in self.buttons:
                raise FieldNotOffered(f"The form has no button {button}; it has {self.buttons}.")
            sent[button[0]] = [button[1]]
        return {name: values for name, values in sent.items() if values}

    def _check(self, name: str, given: list[str]) -> None:
        if name not in self.values:
            raise FieldNotOffered(f"The form has no field {name!r}; it has {sorted(self.values)}.")
        offered = self.choices.get(name)
        unknown = [value for value in given if offered is not None and value not in offered]
        if unknown:
            raise FieldNotOffered(f"The field {name!r} does not offer {unknown}; it offers {offered}.")


class _Reader(HTMLParser):
    """Collects forms. A control belongs to the form around it, or to the one that its `form` attribute names."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._by_id: dict[str, PageForm] = {}
        self._around: PageForm | None = None
        self._textarea: tuple[PageForm, str] | None = None
        self._select: tuple[PageForm, str] | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._around = self._opened(given)
            return
        form = self._by_id.setdefault(given["form"], PageForm()) if given.get("form") else self._around
        if form is None or "disabled" in given:
            return
        if tag == "option" and self._select:
            self._option(given)
        elif given.get("name"):
            self._control(tag, form, given)

    def _opened(self, given: dict[str, str]) -> PageForm:
        form = self._by_id.setdefault(given["id"], PageForm()) if given.get("id") else PageForm()
        form.action, form.method = given.get("action", ""), given.get("method", "get").lower()
        self.forms.append(form)
        return form

    def _control(self, tag: str, form: PageForm, given: dict[str, str]) -> None:
        name = given["name"]
        if tag == "input":
            self._input(form, given, is_checked="checked" in given)
        elif tag == "button":
            form.buttons.append((name, given.get("value", "")))
        elif tag == "textarea":
            self._textarea, self._text = (form, name), []
        elif tag == "select":
            self._select = (form, name)
            form.values.setdefault(name, [])
            form.choices.setdefault(name, [])

    def _option(self, given: dict[str, str]) -> None:
        if self._select is not None:
            form, name = self._select
            form.choices[name].append(given.get("value", ""))
            if "selected" in given:
                form.values[name] = [given.get("value", "")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea is not None:
            form, name = self._textarea
            form.values.setdefault(name, []).append("".join(self._text).removeprefix("\n"))
            self._textarea = None
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self._around = None

    @staticmethod
    def _input(form: PageForm, given: dict[str, str], *, is_checked: bool) -> None:
        name, kind = given["name"], given.get("type", "text").lower()
        if kind in VOID_TYPES:
            if kind == "submit":
                form.buttons.append((name, given.get("value", "")))
        elif kind in {"radio", "checkbox"}:
            value = given.get("value", "on")
            form.values.setdefault(name, [])
            form.choices.setdefault(name, []).append(value)
            if is_checked:
                form.values[name].append(value)
        else:
            form.values.setdefault(name, []).append(given.get("value", ""))


class _Texts(HTMLParser):
    """Collects the text of elements of a class, and the values of data attributes."""

    def __init__(self, class_name: str) -> None:
        super().__init__()
        self.class_name = class_name
        self.texts: list[str] = []
        self.attributes: dict[str, str] = {}
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.attributes.update({name: value for name, value in given.items() if name.startswith("data-")})
        if tag in VOID_TAGS:
            return
        if self._depth:
            self._depth += 1
        elif self.class_name in given.get("class", "").split():
            self._depth = 1
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        if self._depth and tag not in VOID_TAGS:
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.texts[-1] += data


def texts_of(html: str, class_name: str) -> list[str]:
    """Return the text of every element of a class, white space made single.

    Examples
    --------
    >>> texts_of('<h3 class="title big">Plain <b>Truth</b></h3><p>no</p>', "title")
    ['Plain Truth']
    """
    reader = _Texts(class_name)
    reader.feed(html)
    return [" ".join(text.split()) for text in reader.texts]


def text_of(html: str, attribute: str) -> str:
    """Return the last value that the page gives a data attribute, or nothing.

    Examples
    --------
    >>> text_of('<p data-stage="story">A</p><p data-stage="check">B</p>', "data-stage")
    'check'
    """
    reader = _Texts("")
    reader.feed(html)
    return reader.attributes.get(attribute, "")


def forms_of(html: str) -> list[PageForm]:
    """Return the forms of a page in order.

    Examples
    --------
    >>> page = '<form method="post"><input type="radio" name="a" value="1"><textarea name="b">hi</textarea></form>'
    >>> forms_of(page)[0].filled({"a": "1"})
    {'a': ['1'], 'b': ['hi']}
    """
    reader = _Reader()
    reader.feed(html)
    return reader.forms


def form_offering(html: str, action: str) -> PageForm | None:
    """Return the first form with a button for this action, if the page has one.

    Examples
    --------
    >>> page = '<form action="/a"><button name="action" value="send">Send</button></form>'
    >>> form_offering(page, "send").action, form_offering(page, "stop")
    ('/a', None)
    """
    return next((form for form in forms_of(html) if ("action", action) in form.buttons), None)


def offers_of(html: str) -> frozenset[str]:
    """Return what the buttons of a page offer to do."""
    return frozenset(value for form in forms_of(html) for name, value in form.buttons if name == "action")


def form_with(html: str, name: str) -> PageForm:
    """Return the page's first form that has a field of this name.

    Raises
    ------
    FieldNotOffered
        When there is none.
    """
    found = next((form for form in forms_of(html) if name in form.values), None)
    if found is None:
        raise FieldNotOffered(f"The page has no form with {name!r}.")
    return found
