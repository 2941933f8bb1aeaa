"""Panels: companies that send people, and the numbers under which they know them.

Rule: a panel's ids are kept sealed with PANEL_KEY or not at all; none stands readable in a row, a session, a log or an
address. An id opens nothing by itself: whoever knows one could have typed it.
"""

import hashlib
import hmac
import json
import os
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core import checks
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from elicit.errors import WellspringError
from elicit.models import Study

PRESETS = Path(__file__).with_name("panels.yaml")
LONGEST_ID = 64
VISIT_SECONDS = 24 * 60 * 60  # how long a browser remembers with which ids it came, before its owner begins
OUR_PARAMETERS = frozenset({"language"})

Parameter = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$")]


class PanelRefused(WellspringError):
    """A panel's address did not carry what it should."""


class PanelNotReady(WellspringError):
    """The server lacks what it needs to take people from a panel."""


class Panel(BaseModel):
    """How a panel names its parameters, and where it takes people back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    participant: Parameter
    study: Parameter | None = None
    session: Parameter | None = None
    pattern: str = r"[A-Za-z0-9_.-]{1,64}"
    exit_url: Annotated[str, Field(pattern=r"^https://[^\s{}]+\{code\}[^\s{}]*$")]
    token_parameter: Parameter | None = None
    token_key_env: str = ""

    @model_validator(mode="after")
    def _is_whole(self) -> "Panel":
        re.compile(self.pattern)
        if (self.token_parameter is None) != (self.token_key_env == ""):
            raise ValueError("token_parameter and token_key_env belong together: give both, or neither")
        return self


@dataclass(frozen=True)
class Visit:
    """With which ids somebody came. `is_signed` says that the panel vouched for them."""

    panel: str
    participant: str = field(repr=False)
    study: str = field(default="", repr=False)
    session: str = field(default="", repr=False)
    is_signed: bool = False


@cache
def presets() -> dict[str, dict[str, Any]]:
    """Return the panels that the site brings along, as data."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(PRESETS.read_text())
    return found


def panel_names() -> list[str]:
    """Return the names of the panels that links can be made for."""
    return sorted({**presets(), **settings.PANELS})


def panel_named(name: str) -> Panel:
    """Return a panel by its name.

    Raises
    ------
    PanelNotReady
        When nobody has configured it, or wrongly.
    """
    given = {**presets(), **settings.PANELS}.get(name)
    if given is None:
        raise PanelNotReady(f"There is no panel {name!r}. Add it to PANELS, or use one of: {', '.join(panel_names())}.")
    try:
        return Panel.model_validate(given)
    except (ValidationError, re.error) as error:
        raise PanelNotReady(f"The entry {name!r} of PANELS is wrong ({error}). See docs/operations.md.") from None


def require_key() -> None:
    """Refuse to go on where panel ids could not be sealed.

    Raises
    ------
    PanelNotReady
    """
    _box()


def read_visit(name: str, sent: Mapping[str, list[str]], *, now: datetime) -> Visit:
    """Read the ids from the parameters of an address; anything unknown, repeated or malformed is refused.

    Raises
    ------
    PanelRefused
    """
    panel = panel_named(name)
    asked = {"participant": panel.participant, "study": panel.study, "session": panel.session}
    names = {key: parameter for key, parameter in asked.items() if parameter}
    known = {*names.values(), panel.token_parameter} - {None}
    if set(sent) - known - OUR_PARAMETERS or any(len(values) != 1 for values in sent.values()):
        raise PanelRefused("The address has parameters that the panel does not send, or one of them twice.")
    found = {key: sent.get(parameter, [""])[0] for key, parameter in names.items()}
    if not all(_is_id(value, panel.pattern) for value in found.values()):
        raise PanelRefused("An id in the address is missing, or does not look like one of the panel's.")
    visit = Visit(name, found["participant"], found.get("study", ""), found.get("session", ""))
    if panel.token_parameter is None:
        return visit
    _check_token(panel, visit, sent.get(panel.token_parameter, [""])[0], now=now)
    return replace(visit, is_signed=True)


def _is_id(value: str, pattern: str) -> bool:
    return 0 < len(value) <= LONGEST_ID and re.fullmatch(pattern, value) is not None


def signature(visit: Visit, *, expires: int, key: str) -> str:
    """Return what a panel signs a visit with: HMAC-SHA256, in hex, over the three ids and the end, a line each."""
    words = "\n".join([visit.participant, visit.study, visit.session, str(expires)])
    return hmac.new(key.encode(), words.encode(), hashlib.sha256).hexdigest()


def _check_token(panel: Panel, visit: Visit, token: str, *, now: datetime) -> None:
    """Refuse a token `EXPIRES.SIGNATURE` that is not the panel's own, or has expired."""
    key = os.environ.get(panel.token_key_env, "")
    if not key:
        raise PanelNotReady(f"The environment variable {panel.token_key_env} is empty, so no token can be checked.")
    expires, _, signed = token.partition(".")
    is_in_time = re.fullmatch(r"[0-9]{1,12}", expires) is not None and int(expires) > now.timestamp()
    ours = signature(visit, expires=int(expires), key=key) if is_in_time else ""
    if not is_in_time or not hmac.compare_digest(signed.encode(), ours.encode()):
        raise PanelRefused("The panel's token is wrong, or has expired.")


def seal(visit: Visit) -> str:
    """Return a visit that only PANEL_KEY can open."""
    return _box().encrypt(json.dumps(asdict(visit)).encode()).decode()


def unseal(sealed: str | bytes, *, no_older_than: int | None = None) -> Visit:
    """Open what was sealed.

    Raises
    ------
    PanelRefused
        When it was not sealed here, or longer ago than `no_older_than` seconds.
    """
    try:
        return Visit(**json.loads(_box().decrypt(sealed, ttl=no_older_than)))
    except InvalidToken:
        raise PanelRefused("These ids cannot be opened: they are too old, or PANEL_KEY has changed.") from None


def lookup_of(visit: Visit, study: Study) -> str:
    """Return the hash by which a panel id is found again in a study; without the key it cannot be guessed."""
    words = f"{visit.panel}\n{study.pk}\n{visit.participant}"
    oldest = urlsafe_b64decode(_keys()[-1])  # a new key in front leaves the lookups as they are
    own = hmac.new(oldest, b"wellspring: find a panel id again", hashlib.sha256).digest()
    return hmac.new(own, words.encode(), hashlib.sha256).hexdigest()


def _keys() -> list[str]:
    if not settings.PANEL_KEY:
        raise PanelNotReady(
            "PANEL_KEY is not set, so panel ids cannot be kept safely and nobody from a panel can come in. "
            "Make a key as docs/operations.md says."
        )
    return list(settings.PANEL_KEY)


def _box() -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in _keys()])
    except ValueError:
        raise PanelNotReady("PANEL_KEY is not a Fernet key. Make one as docs/operations.md says.") from None


def check_panels(app_configs: Any, **options: Any) -> list[checks.CheckMessage]:
    """Say at start what is wrong with PANELS and PANEL_KEY."""
    found: list[checks.CheckMessage] = []
    for name in settings.PANELS:
        try:
            panel_named(name)
        except PanelNotReady as error:
            found.append(checks.Error(str(error), id="elicit.E010"))
    if settings.PANELS or settings.PANEL_KEY:
        try:
            require_key()
        except PanelNotReady as error:
            found.append(checks.Error(str(error), id="elicit.E011"))
    return found
