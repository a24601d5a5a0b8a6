-- The store's documented tables and views.
-- Grain: one row a table. Unit: none.
-- Definition: docs/architecture.md
with

commented as (

    select
        table_name,
        count(*) as column_count

    from duckdb_columns()

    where schema_name = 'main' and not internal and comment is not null

    group by table_name

)

select
    table_name,
    coalesce(duckdb_tables.comment, duckdb_views.comment) as comment,
    commented.column_count

from commented

left join duckdb_tables() as duckdb_tables using (table_name)

left join duckdb_views() as duckdb_views on view_name = table_name

order by table_name
