"""Bills: the lines of AWS's cost and usage reports, and of FOCUS exports."""
