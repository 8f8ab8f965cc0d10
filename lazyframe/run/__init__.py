"""Binding data to a plan and executing it: morsels, threads, tiers."""
