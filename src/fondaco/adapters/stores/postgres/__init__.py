"""Desk state in PostgreSQL: see README.md."""
