"""What the benchmarks share: pages, a gate around a decision, and a clock."""
