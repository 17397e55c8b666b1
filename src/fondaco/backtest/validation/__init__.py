"""Every test of one strategy in one call, and the evidence that the gate asks for."""
