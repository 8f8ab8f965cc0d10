"""What users hold: frames, series, arrays, the module that stands in for pandas."""
