"""Fondaco: a local-first trading desk whose every number can be traced."""

__version__ = "0.1.0"
