"""Venues that take orders; see README.md of adapters."""
