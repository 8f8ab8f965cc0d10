"""pandas, recorded and fused: ``import lazyframe as pd``."""
