"""One folder per outside thing; see README.md."""
