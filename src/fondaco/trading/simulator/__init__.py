"""The simulated venue: one compiled kernel for every kind of order, exact to the last digit."""
