"""Which pools gain by being one: pools whose keys differ in a field or two."""
