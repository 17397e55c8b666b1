"""Statistics of results: what chance alone would have shown, and what is left beside it."""
