"""Every table and column, declared once: schema, comments, headings and help come from here."""
