-- Every column of these views, for completion in an editor.
CREATE OR REPLACE VIEW "reporting"."columns" AS
SELECT class.relname::text AS "view", attribute.attnum::integer AS "position", attribute.attname::text AS "column",
  format_type(attribute.atttypid, attribute.atttypmod) AS "type", col_description(class.oid, attribute.attnum) AS "description"
FROM pg_catalog.pg_class class
JOIN pg_catalog.pg_attribute attribute ON attribute.attrelid = class.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
WHERE class.relnamespace = 'reporting'::regnamespace AND class.relkind = 'v';

COMMENT ON VIEW "reporting"."columns" IS 'One row per column of the views that SQL may read.';
COMMENT ON COLUMN "reporting"."columns"."view" IS 'Name of the view';
COMMENT ON COLUMN "reporting"."columns"."position" IS 'Position of the column, from 1';
COMMENT ON COLUMN "reporting"."columns"."column" IS 'Name of the column';
COMMENT ON COLUMN "reporting"."columns"."type" IS 'Type of the column';
COMMENT ON COLUMN "reporting"."columns"."description" IS 'What the column holds';
