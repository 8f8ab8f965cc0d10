"""What is known of a graph beyond its nodes, gathered once a traversal."""
