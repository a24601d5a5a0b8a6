-- The store's documented tables.
-- Grain: one row a column. Unit: none.
-- Definition: docs/glossary.md
select
    table_name,
    column_name,
    data_type,
    comment

from duckdb_columns()

where schema_name = 'main' and not internal and comment is not null

order by table_name, column_index
