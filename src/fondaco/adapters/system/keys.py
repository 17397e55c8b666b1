"""Secrets of the desk: from the environment, or from the system's keyring."""

import os

from fondaco.core.errors import Unavailable

SERVICE = "fondaco"


class DeskSecrets:
    """Gives secrets by the name of their environment variable; the environment wins."""

    def __call__(self, name: str) -> str | None:
        """Return a secret, or None when neither the environment nor the keyring has it."""
        return os.environ.get(name) or self._kept(name)

    def keep(self, name: str, value: str) -> None:
        """Keep a secret in the system's keyring.

        Raises Unavailable when there is none, saying how to set the variable instead.
        """
        try:
            import keyring
            from keyring.errors import KeyringError
        except ImportError as error:
            raise self._no_keyring(name, "the keyring package is not installed") from error
        try:
            keyring.set_password(SERVICE, name, value)
        except KeyringError as error:
            raise self._no_keyring(name, type(error).__name__) from error

    def _kept(self, name: str) -> str | None:
        try:
            import keyring
            from keyring.errors import KeyringError
        except ImportError:
            return None
        try:
            return keyring.get_password(SERVICE, name)
        except KeyringError:
            return None  # no keyring on this system: the environment is the only place

    def _no_keyring(self, name: str, why: str) -> Unavailable:
        return Unavailable(
            "this system has no keyring to keep the key in",
            value=why,
            remedy=f"Set {name} in the environment of the desk; or install fondaco[keyring].",
        )
