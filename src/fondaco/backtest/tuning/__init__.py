"""Searching parameters forward in time: every set a trial, the end of the span kept back."""
