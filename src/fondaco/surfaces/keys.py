"""Keys: who may reach the desk over HTTP, and in which role.

A key is a secret text of 32 characters or more. Without `FONDACO_API_KEY` and
`FONDACO_AGENT_API_KEY` the desk makes its own at first start and keeps them in its data folder, in
files that only its owner can read: who can read the person's file is the desk's person.
"""

import hmac
import os
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from threading import get_ident

from fondaco.core.capability import Caller
from fondaco.core.errors import Refused, Unavailable
from fondaco.core.ids import Entropy
from fondaco.core.settings import Settings

KEY_CHARS_MIN = 32
KEY_BYTES = 32
FILE_MODE = 0o600
OTHERS = 0o077


class Role(StrEnum):
    """What a key stands for."""

    PERSON = "person"
    AGENT = "agent"


FILES = {Role.PERSON: "desk.key", Role.AGENT: "agent.key"}
"""The key files of a data folder."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The hashes of the keys that open this desk; the keys themselves are not kept."""

    hashes: tuple[tuple[Role, bytes], ...]

    @classmethod
    def of(cls, *, person: str, agent: str) -> "Keys":
        """Return the keys of a desk; raises Refused when one is short or both are the same."""
        for key in (person, agent):
            if len(key) < KEY_CHARS_MIN:
                raise Refused(
                    "a desk key is too short to be safe",
                    value=f"{len(key)} characters",
                    bound=f"at least {KEY_CHARS_MIN}",
                    remedy="Delete the key file and start `fondaco up`: it writes a new one.",
                )
        if hmac.compare_digest(person.encode(), agent.encode()):
            raise Refused(
                "the agent's key is the person's key, so an agent could move money",
                remedy="Give FONDACO_AGENT_API_KEY another value.",
            )
        return cls(((Role.PERSON, _hash(person)), (Role.AGENT, _hash(agent))))

    def role(self, given: str) -> Role | None:
        """Return the role of a key, in the same time whichever it is; None for any other text."""
        digest = _hash(given)
        fits = [(hmac.compare_digest(digest, known), role) for role, known in self.hashes]
        return next((role for right, role in fits if right), None)


def _hash(key: str) -> bytes:
    return sha256(key.encode("utf-8", "surrogatepass")).digest()


def caller_of(role: Role, surface: str, request_id: str | None = None) -> Caller:
    """Return who asks: on REST the person's key makes a person; on MCP nobody is one."""
    person = role is Role.PERSON and surface == "rest"
    return Caller(actor=role.value, surface=surface, person=person, request_id=request_id)


def desk_keys(settings: Settings, entropy: Entropy) -> Keys:
    """Return the desk's keys: from the settings, else from the data folder, made if need be."""
    return Keys.of(
        person=key_of(Role.PERSON, settings, entropy), agent=key_of(Role.AGENT, settings, entropy)
    )


def key_of(role: Role, settings: Settings, entropy: Entropy) -> str:
    """Return the key of a role; raises Refused when others can read its file, or Unavailable."""
    secret = settings.api_key if role is Role.PERSON else settings.agent_api_key
    if secret is not None:
        return secret.get_secret_value()
    path = settings.home / FILES[role]
    try:
        if not path.exists():
            _make(path, entropy)
        if path.stat().st_mode & OTHERS:
            raise Refused(
                "others on this machine can read the desk's key",
                value=str(path),
                remedy=f"`chmod 600 {path}`, or delete it and start `fondaco up` for a new one.",
            )
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise Unavailable(
            f"the desk's key cannot be read or written: {error.strerror}",
            value=str(path),
            remedy="Mend the data folder, or set FONDACO_HOME to another.",
        ) from None
    except UnicodeDecodeError:
        raise Refused(
            "the desk's key file holds no key",
            value=str(path),
            remedy="Delete it and start `fondaco up`: it writes a new one.",
        ) from None


def _make(path: Path, entropy: Entropy) -> None:
    """Write a new key, whole or not at all; of two processes at once the first one's stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}")
    draft.unlink(missing_ok=True)
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as file:
            file.write(urlsafe_b64encode(entropy(KEY_BYTES)).rstrip(b"=") + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink(missing_ok=True)
