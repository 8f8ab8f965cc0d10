"""The graph language: row spaces, values, loop programs, and the text that they print as."""
