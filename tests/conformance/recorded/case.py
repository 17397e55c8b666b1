"""Where the recorded cases of this folder take `Recorded` from."""

from fondaco.adapters.providers.conformance.case import Answer, Recorded, reply

__all__ = ["Answer", "Recorded", "reply"]
