"""One program per side and workload; each runs alone, in the environment of its list."""
