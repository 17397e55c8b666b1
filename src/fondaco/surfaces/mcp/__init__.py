"""The desk's capabilities as tools of a language model."""
