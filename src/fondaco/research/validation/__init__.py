"""Splits of time that keep what is tested out of what is learnt."""
