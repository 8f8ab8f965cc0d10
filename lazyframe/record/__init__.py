"""From a user's call to graph nodes, with pandas' and NumPy's typing rules."""
