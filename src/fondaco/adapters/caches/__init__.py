"""The cache that processes share, and what the caches are worth, for Prometheus."""
