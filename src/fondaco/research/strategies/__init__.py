"""Strategies: causal functions of a panel that give target weights, each with its source."""
