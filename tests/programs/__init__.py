"""Programs written once and run by pandas and by lazyframe, over frames that break things."""
