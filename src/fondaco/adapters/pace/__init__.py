"""What the processes of a desk share of its sources: pace, health, choices, and what was asked."""
