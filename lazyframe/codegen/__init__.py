"""From loop programs to machine code: emit, compile, keep."""
