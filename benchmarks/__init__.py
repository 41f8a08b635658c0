"""What scoring costs, how well it agrees with graders, and what storing costs: `python -m benchmarks`."""
