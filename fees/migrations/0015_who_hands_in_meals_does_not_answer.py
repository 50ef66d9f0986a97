"""Lets the database refuse an answer to a meal account by whoever handed it in, deputies included."""

from django.db import migrations, models
from django.db.models import Q

SEPARATE = """
CREATE FUNCTION who_hands_in_meals_does_not_answer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF persons_acting(NEW.submitted_as_id) && persons_acting(NEW.decided_as_id) THEN
        RAISE EXCEPTION 'who hands in a meal account does not answer it'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER who_hands_in_meals_does_not_answer BEFORE INSERT OR UPDATE ON fees_mealaccount
    FOR EACH ROW WHEN (NEW.state IN ('accepted', 'returned'))
    EXECUTE FUNCTION who_hands_in_meals_does_not_answer();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_separation_of_duties"),
        ("fees", "0014_charge_prepaid"),
    ]

    operations = [
        migrations.AddConstraint(
            "mealaccount",
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "returned"])
                | Q(decided_as__isnull=False, decided_at__isnull=False),
                name="meal_account_answered_by_somebody",
            ),
        ),
        migrations.RunSQL(
            SEPARATE,
            "DROP TRIGGER who_hands_in_meals_does_not_answer ON fees_mealaccount; "
            "DROP FUNCTION who_hands_in_meals_does_not_answer()",
        ),
    ]
