"""NumPy's namespace over lazy arrays; users import it as ``lazyframe.numpy``."""
