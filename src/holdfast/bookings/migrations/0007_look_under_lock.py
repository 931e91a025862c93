"""One question instead of four where a time is taken: lock, look again, find the customer (DESIGN §2, §3)."""

from django.db import migrations

# Every statement of a volatile function sees what was committed before it began, READ COMMITTED: what is read after a
# lock was waited for is as it is after the wait. That a single statement could not do.
# The customer is looked for only where nothing is in the way: ending what is comes first, for bookings are locked
# before customers.
LOOK = """
CREATE FUNCTION holdfast_look(
    business uuid, locks uuid[], wanted uuid[], begins timestamptz, ends timestamptz, moment timestamptz,
    person uuid, person_name bytea, person_email bytea, person_phone bytea, by_email text, by_phone text,
    OUT version bigint, OUT resources uuid[], OUT bookings uuid[], OUT dead boolean[],
    OUT customer uuid, OUT is_blocked boolean
) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM 1 FROM catalog_resource r WHERE r.id = ANY(locks) ORDER BY r.id FOR NO KEY UPDATE;
    SELECT b.version INTO version FROM businesses_business b WHERE b.id = business;
    SELECT array_agg(c.resource_id), array_agg(c.booking_id), array_agg(coalesce(b.releases_at <= moment, FALSE))
        INTO resources, bookings, dead
        FROM bookings_claim c JOIN bookings_booking b ON b.id = c.booking_id
        WHERE c.business_id = business AND c.resource_id = ANY(wanted) AND c.ends_at > begins AND c.starts_at < ends;
    IF person IS NOT NULL AND bookings IS NULL THEN
        SELECT c.id, c.blocked_at IS NOT NULL INTO customer, is_blocked
            FROM customers_customer c WHERE c.business_id = business AND c.email_index = by_email;
        IF NOT FOUND THEN
            INSERT INTO customers_customer AS c
                (id, business_id, name, email, phone, email_index, phone_index, created_at)
                VALUES (person, business, person_name, person_email, person_phone, by_email, by_phone, moment)
                ON CONFLICT (business_id, email_index) DO UPDATE SET email_index = EXCLUDED.email_index
                RETURNING c.id, c.blocked_at IS NOT NULL INTO customer, is_blocked;
        END IF;
    END IF;
END
$$
"""
_SIGNATURE = (
    "holdfast_look(uuid, uuid[], uuid[], timestamptz, timestamptz, timestamptz,"
    " uuid, bytea, bytea, bytea, text, text)"
)


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(LOOK)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP FUNCTION {_SIGNATURE}")


class Migration(migrations.Migration):
    dependencies = [("bookings", "0006_slots_deleted"), ("customers", "0002_codes_and_consent")]

    operations = [migrations.RunPython(make, drop)]
