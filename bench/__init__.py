"""Workloads written once, shared by tests and benchmarks; the peers' versions of the same work; reports."""
