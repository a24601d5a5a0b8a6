"""Jobs: one by one, those that are looked for, and summed up by user."""
