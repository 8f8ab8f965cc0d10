"""The compiler's middle: graph, facts, rewrite rules, pipeline. Knows no data and no user."""
