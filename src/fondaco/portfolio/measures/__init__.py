"""How an account fared: returns, risk, falls, trades, and against a benchmark."""
