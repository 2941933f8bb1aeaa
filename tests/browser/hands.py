"""A browser for the walk of a simulated person: forms are filled in with the keyboard, or with a pointer.

Whatever the walker sends goes through the controls of the page; a control that cannot be reached fails the test.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from elicit.jobs import run_queued_jobs
from elicit.simulation.walking import Page

MOST_STEPS = 120  # of the Tab key to reach one control
SENDS_ITSELF = "[data-composer] [data-settings]"  # shown by the script that sends
ACTIVE = "(e => [e.tagName, e.type || '', e.name || '', e.value || ''])(document.activeElement)"


class Hands:
    """What a walker needs of a browser, over one page of Chromium."""

    def __init__(self, page: Any, *, look: Callable[[Any], None]) -> None:
        self.page = page
        self.look = look

    def get(self, path: str) -> Page:
        """Open a page."""
        return self._arrived(self.page.goto(path))

    def post(self, path: str, data: Mapping[str, list[str]]) -> Page:
        """Fill in the form that has these fields, and send it."""
        form = self.page.locator("form" + "".join(f':has([name="{name}"])' for name in data)).first
        pressed = None
        for name, values in data.items():
            control = form.locator(f'[name="{name}"]').first
            if control.evaluate("e => e.tagName === 'BUTTON'"):
                pressed = f'button[name="{name}"][value="{values[0]}"]'
            else:
                self._answer(form, name, control.get_attribute("type") or "", values)
        button = form.locator(pressed or 'button:not([name]):not([type="button"])').last
        if self.page.locator(SENDS_ITSELF).is_visible():
            return self._sent_in_place(button)
        with self.page.expect_navigation() as sent:
            self.send(button)
        return self._arrived(sent.value)

    def wait(self) -> None:
        """Leave a page that would go on by itself meanwhile, and do the background work that waits."""
        self.page.goto("about:blank")
        run_queued_jobs()

    def _answer(self, form: Any, name: str, kind: str, values: list[str]) -> None:
        fields = form.locator(f'[name="{name}"]')
        if kind == "hidden":
            return
        if kind == "radio":
            self.choose(fields, values[0])
        elif kind == "checkbox":
            for box in fields.all():
                if box.is_checked() != ((box.get_attribute("value") or "on") in values):
                    self.tick(box)
        elif fields.first.input_value() != values[0]:
            self._reveal(fields.first)
            self.write(fields.first, values[0])

    def _sent_in_place(self, button: Any) -> Page:
        """Press a button of a page that sends by itself, and wait until the page has changed, or is another one."""
        before = self.page.locator("#live").get_attribute("data-said")
        with self.page.expect_response(lambda response: response.request.method == "POST") as sent:
            self.send(button)
        self.page.locator(f":root:not(:has(#live[data-said='{before}']))").wait_for(
            state="attached"
        )  # no eval: the CSP
        return self._arrived(sent.value)

    def _reveal(self, control: Any) -> None:
        for summary in control.locator("xpath=ancestor::details[not(@open)]/summary").all():
            self.send(summary)

    def _arrived(self, response: Any) -> Page:
        self.page.wait_for_load_state("load")
        self.look(self.page)
        address = urlsplit(self.page.url)
        query = f"?{address.query}" if address.query else ""
        return Page(path=address.path + query, status=response.status, html=self.page.content())


class Pointer(Hands):
    """Clicks and types."""

    def send(self, button: Any) -> None:
        """Click."""
        button.click()

    def choose(self, radios: Any, value: str) -> None:
        """Click the radio button with this value."""
        radios.and_(self.page.locator(f'[value="{value}"]')).check()

    def tick(self, box: Any) -> None:
        """Click a checkbox."""
        box.click()

    def write(self, control: Any, value: str) -> None:
        """Type a value, or select it."""
        is_list = control.evaluate("e => e.tagName === 'SELECT'")
        control.select_option(value) if is_list else control.fill(value)


class Keyboard(Hands):
    """Uses Tab, the arrows, Space, Enter and the letters, and nothing else."""

    def wait(self) -> None:
        """Do the background work; the page shows by itself what came of it."""
        run_queued_jobs()
        self.page.locator("[data-wait-url]").wait_for(state="detached")
        self.page.wait_for_load_state("load")

    def get(self, path: str) -> Page:
        """Open a page, unless the browser has gone there by itself."""
        if urlsplit(self.page.url).path == path:
            return Page(path=path, status=200, html=self.page.content())
        return super().get(path)

    def send(self, button: Any) -> None:
        """Walk to a button and press Enter."""
        self._walk_to(button)
        self.page.keyboard.press("Enter")

    def choose(self, radios: Any, value: str) -> None:
        """Walk to the group, then take the arrows to the value."""
        name = radios.first.get_attribute("name")
        self._walk(lambda: self._active()[1:3] == ["radio", name], name)
        self.page.keyboard.press("Space")
        for _ in range(radios.count()):
            if self._active()[3] == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"The arrows did not lead to {value!r} of {name!r}.")

    def tick(self, box: Any) -> None:
        """Walk to a checkbox and press Space."""
        self._walk_to(box)
        self.page.keyboard.press("Space")

    def write(self, control: Any, value: str) -> None:
        """Walk to a field and type over what is there; in a list, take the arrows to the option."""
        self._walk_to(control)
        if self._active()[0] == "SELECT":
            self._choose_in_list(control, value)
        else:
            self.page.keyboard.press("ControlOrMeta+a")
            self.page.keyboard.insert_text(value)
        assert control.input_value() == value

    def _choose_in_list(self, control: Any, value: str) -> None:
        self.page.keyboard.press("Home")
        for _ in range(control.locator("option").count()):
            if control.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")

    def _active(self) -> list[str]:
        return list(self.page.evaluate(ACTIVE))

    def _walk_to(self, control: Any) -> None:
        self._walk(lambda: control.evaluate("e => e === document.activeElement"), str(control))

    def _walk(self, is_there: Callable[[], bool], where: str) -> None:
        for _ in range(MOST_STEPS):
            if is_there():
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"The Tab key does not lead to {where} on {self.page.url}.")
