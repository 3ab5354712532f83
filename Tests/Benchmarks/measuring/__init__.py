"""What every part of the benchmark is made of."""
