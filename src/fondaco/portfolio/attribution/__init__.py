"""Where a return came from: instruments and periods, groups, factors."""
