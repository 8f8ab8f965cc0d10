"""TPC-H: the benchmark's own data generator, its 22 queries, and whoever competes."""
