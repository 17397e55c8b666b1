"""The web terminal: pages for a person at the desk. See README.md."""
