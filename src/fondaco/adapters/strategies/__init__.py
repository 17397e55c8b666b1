"""User strategies: somebody's Python in a process of its own, with limits."""
