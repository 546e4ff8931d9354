"""What maintainers run: refresh outputs, normalise and lint notebooks."""
