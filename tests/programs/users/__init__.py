"""Programs as users write them, over a shop's tables, run by pandas and by lazyframe."""
