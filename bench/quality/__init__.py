"""Planted faults in real files: how many are caught, and how often good rows raise an alarm."""
