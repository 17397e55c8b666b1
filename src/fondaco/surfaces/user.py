"""Who runs this process."""

import getpass
import os


def user_name() -> str:
    """Return the user's name as the operating system knows it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user id without a name, as in many containers
        return f"uid-{os.getuid()}"
