"""Driving rewrite rules: walking, guarding, checking, timing and telling.  Knows no rule."""
