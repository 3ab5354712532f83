"""One subject each: a docstring, whose first line is the help, and `measure(quick)`."""
