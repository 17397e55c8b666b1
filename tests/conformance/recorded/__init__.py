"""Recorded answers of providers: one module each, `RECORDED` in it."""
