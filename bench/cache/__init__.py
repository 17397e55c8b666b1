"""What the feed's cache is worth: seeded query logs replayed under each policy."""
