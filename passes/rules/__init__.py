"""One rewrite a file: file, function, pass, golden file and the line in ``explain`` share a name."""
