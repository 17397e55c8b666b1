"""The machine's own clock and source of chance: see README.md."""
