"""What is true of a graph, computed once and asked by rules."""
