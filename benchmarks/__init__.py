"""What scoring costs and how well it agrees with graders: `python -m benchmarks`."""
