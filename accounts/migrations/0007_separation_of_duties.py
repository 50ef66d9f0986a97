"""Promises about people that compare rows: they hold for pages, shells, scripts and mistakes alike.

Who did something is compared as a person and as whom the person stood in for, never as a post.
"""

from django.db import migrations

# The deputy and the absent person both did what was done in a deputy's post.
PERSONS = """
CREATE FUNCTION persons_acting(post_id bigint) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT array_remove(ARRAY[post.user_id, principal.user_id], NULL)
    FROM accounts_membership post
    LEFT JOIN accounts_membership principal ON principal.id = post.deputises_for_id
    WHERE post.id = post_id
$$
"""

# A post's person, place and role are what every record of the past refers to.
POST_IS_KEPT = """
CREATE FUNCTION post_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'posts are ended, never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.user_id, NEW.organisation_id, NEW.role, NEW.deputises_for_id)
        IS DISTINCT FROM (OLD.user_id, OLD.organisation_id, OLD.role, OLD.deputises_for_id)
    THEN
        RAISE EXCEPTION 'a post keeps its person, place and role; end it and begin another'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at THEN
        RAISE EXCEPTION 'a post that ended stays ended' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER post_is_kept BEFORE UPDATE OR DELETE ON accounts_membership
    FOR EACH ROW EXECUTE FUNCTION post_is_kept();
"""

DEPUTY = """
CREATE FUNCTION deputy_is_a_colleague() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    principal accounts_membership;
BEGIN
    -- Locked, so that the absent person's post cannot end in between.
    SELECT * INTO principal FROM accounts_membership WHERE id = NEW.deputises_for_id FOR SHARE;
    IF principal.deputises_for_id IS NOT NULL THEN
        RAISE EXCEPTION 'a deputy names no deputy' USING ERRCODE = 'check_violation';
    END IF;
    IF principal.user_id = NEW.user_id THEN
        RAISE EXCEPTION 'nobody is the own deputy' USING ERRCODE = 'check_violation';
    END IF;
    IF (principal.organisation_id, principal.role) <> (NEW.organisation_id, NEW.role) THEN
        RAISE EXCEPTION 'a deputy acts in the very post' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.ended_at IS NULL AND (
        principal.ended_at IS NOT NULL
        OR NEW.valid_from < principal.valid_from
        OR NEW.valid_to > principal.valid_to
    ) THEN
        RAISE EXCEPTION 'a deputy acts only while the post is held'
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.valid_to - NEW.valid_from >= 92 THEN
        RAISE EXCEPTION 'a deputy acts for 92 days at most' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'INSERT' AND NOT EXISTS (
        SELECT FROM accounts_membership own
        WHERE own.user_id = NEW.user_id AND own.organisation_id = NEW.organisation_id
            AND own.deputises_for_id IS NULL AND own.ended_at IS NULL
            AND daterange(own.valid_from, own.valid_to, '[]')
                @> daterange(NEW.valid_from, NEW.valid_to, '[]')
    ) THEN
        RAISE EXCEPTION 'a deputy works in the same organisation'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER deputy_is_a_colleague BEFORE INSERT OR UPDATE ON accounts_membership
    FOR EACH ROW WHEN (NEW.deputises_for_id IS NOT NULL)
    EXECUTE FUNCTION deputy_is_a_colleague();
"""

# A post that ends takes its deputies with it, whoever ends it and however.
DEPUTIES_END = """
CREATE FUNCTION deputies_end_with_the_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE accounts_membership SET ended_at = coalesce(NEW.ended_at, now())
    WHERE ended_at IS NULL
        AND (deputises_for_id = NEW.id
            -- A colleague who leaves is nobody's deputy any more.
            OR (user_id = NEW.user_id AND organisation_id = NEW.organisation_id
                AND deputises_for_id IS NOT NULL
                AND NOT EXISTS (
                    SELECT FROM accounts_membership own
                    WHERE own.user_id = NEW.user_id AND own.organisation_id = NEW.organisation_id
                        AND own.deputises_for_id IS NULL AND own.ended_at IS NULL
                        AND daterange(own.valid_from, own.valid_to, '[]')
                            && daterange(accounts_membership.valid_from,
                                         accounts_membership.valid_to, '[]'))))
        AND (NEW.ended_at IS NOT NULL OR valid_from > NEW.valid_to);
    UPDATE accounts_membership SET valid_to = NEW.valid_to
    WHERE ended_at IS NULL AND NEW.ended_at IS NULL
        AND deputises_for_id = NEW.id AND valid_to > NEW.valid_to;
    RETURN NULL;
END
$$;
CREATE TRIGGER deputies_end_with_the_post AFTER UPDATE OF valid_to, ended_at ON accounts_membership
    FOR EACH ROW WHEN (NEW.deputises_for_id IS NULL)
    EXECUTE FUNCTION deputies_end_with_the_post();
"""

# Requests of accounts and of exports: who asked and who decided are the people of the posts they
# acted in, they and the people they stood in for are different, and a decision is final.
REQUEST = """
CREATE FUNCTION asked_and_decided_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT user_id FROM accounts_membership WHERE id = NEW.requested_as_id)
        <> NEW.requested_by_id
    THEN
        RAISE EXCEPTION 'asked in another person''s post' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.decided_as_id IS NOT NULL THEN
        IF (SELECT user_id FROM accounts_membership WHERE id = NEW.decided_as_id)
            IS DISTINCT FROM NEW.decided_by_id
        THEN
            RAISE EXCEPTION 'decided in another person''s post' USING ERRCODE = 'check_violation';
        END IF;
        IF persons_acting(NEW.requested_as_id) && persons_acting(NEW.decided_as_id) THEN
            RAISE EXCEPTION 'who asks does not decide' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END
$$;
"""

ACCOUNT_REQUEST = """
CREATE TRIGGER asked_and_decided_by_two BEFORE INSERT OR UPDATE ON accounts_accountrequest
    FOR EACH ROW EXECUTE FUNCTION asked_and_decided_by_two();

CREATE FUNCTION account_request_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'waiting' OR (
        NEW.full_name, NEW.username, NEW.organisation_id, NEW.role, NEW.valid_from, NEW.adds_post,
        NEW.replaces_id, NEW.requested_by_id, NEW.requested_as_id, NEW.requested_at
    ) IS DISTINCT FROM (
        OLD.full_name, OLD.username, OLD.organisation_id, OLD.role, OLD.valid_from, OLD.adds_post,
        OLD.replaces_id, OLD.requested_by_id, OLD.requested_as_id, OLD.requested_at
    ) THEN
        RAISE EXCEPTION 'a request is decided once and as it was asked'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER request_is_final BEFORE UPDATE ON accounts_accountrequest
    FOR EACH ROW EXECUTE FUNCTION account_request_is_final();
"""

EXPORT_REQUEST = """
CREATE TRIGGER asked_and_decided_by_two BEFORE INSERT OR UPDATE ON accounts_exportrequest
    FOR EACH ROW EXECUTE FUNCTION asked_and_decided_by_two();

CREATE FUNCTION export_request_goes_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state, NEW.state) NOT IN (
        ('waiting', 'approved'), ('waiting', 'refused'), ('waiting', 'expired'),
        ('approved', 'used'), ('approved', 'expired')
    ) OR (
        NEW.kind, NEW.title, NEW.ending, NEW.filters, NEW.persons, NEW.reason,
        NEW.requested_by_id, NEW.requested_as_id, NEW.requested_at
    ) IS DISTINCT FROM (
        OLD.kind, OLD.title, OLD.ending, OLD.filters, OLD.persons, OLD.reason,
        OLD.requested_by_id, OLD.requested_as_id, OLD.requested_at
    ) OR (OLD.decided_by_id IS NOT NULL AND (NEW.decided_by_id, NEW.decided_as_id, NEW.decided_at)
        IS DISTINCT FROM (OLD.decided_by_id, OLD.decided_as_id, OLD.decided_at))
    THEN
        RAISE EXCEPTION 'an export is decided once, used once, and as it was asked'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER export_request_goes_forward BEFORE UPDATE ON accounts_exportrequest
    FOR EACH ROW EXECUTE FUNCTION export_request_goes_forward();
"""

# TRUNCATE is left free: it empties whole databases, such as a test's, and never alters a record.
KEPT = """
CREATE FUNCTION people_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are kept: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER people_are_kept BEFORE DELETE ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION people_are_kept();
CREATE TRIGGER people_are_kept BEFORE DELETE ON accounts_accountrequest
    FOR EACH ROW EXECUTE FUNCTION people_are_kept();
CREATE TRIGGER people_are_kept BEFORE DELETE ON accounts_exportrequest
    FOR EACH ROW EXECUTE FUNCTION people_are_kept();
CREATE TRIGGER people_are_kept BEFORE UPDATE OR DELETE ON accounts_accountevent
    FOR EACH ROW EXECUTE FUNCTION people_are_kept();
"""

TABLES = ("user", "accountrequest", "exportrequest", "accountevent")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_people_and_releases")]

    operations = [
        migrations.RunSQL(PERSONS, "DROP FUNCTION persons_acting(bigint)"),
        migrations.RunSQL(
            POST_IS_KEPT,
            "DROP TRIGGER post_is_kept ON accounts_membership; DROP FUNCTION post_is_kept()",
        ),
        migrations.RunSQL(
            DEPUTY,
            "DROP TRIGGER deputy_is_a_colleague ON accounts_membership; "
            "DROP FUNCTION deputy_is_a_colleague()",
        ),
        migrations.RunSQL(
            DEPUTIES_END,
            "DROP TRIGGER deputies_end_with_the_post ON accounts_membership; "
            "DROP FUNCTION deputies_end_with_the_post()",
        ),
        migrations.RunSQL(REQUEST, "DROP FUNCTION asked_and_decided_by_two()"),
        migrations.RunSQL(
            ACCOUNT_REQUEST,
            "DROP TRIGGER asked_and_decided_by_two ON accounts_accountrequest; "
            "DROP TRIGGER request_is_final ON accounts_accountrequest; "
            "DROP FUNCTION account_request_is_final()",
        ),
        migrations.RunSQL(
            EXPORT_REQUEST,
            "DROP TRIGGER asked_and_decided_by_two ON accounts_exportrequest; "
            "DROP TRIGGER export_request_goes_forward ON accounts_exportrequest; "
            "DROP FUNCTION export_request_goes_forward()",
        ),
        migrations.RunSQL(
            KEPT,
            "".join(f"DROP TRIGGER people_are_kept ON accounts_{table}; " for table in TABLES)
            + "DROP FUNCTION people_are_kept()",
        ),
    ]
