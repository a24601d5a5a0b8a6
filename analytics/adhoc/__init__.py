"""Ad-hoc SQL: statements, examples, and the SQL behind a query."""
