"""How often each statistic cries wolf, and how often it finds what was planted."""
