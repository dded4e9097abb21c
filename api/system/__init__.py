"""``/system``: what arrives, what does not and why, and how much is kept."""
