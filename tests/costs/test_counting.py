"""The counter of statements and commits counts, so that a budget means something."""

import pytest
from django.contrib.auth.models import Group
from django.db import transaction

pytestmark = pytest.mark.django_db(transaction=True)


def test_write_outside_a_transaction_is_a_commit(count):
    """One INSERT by itself is one statement and one commit."""
    with count() as seen:
        Group.objects.filter(name="none").update(name="other")
    assert (len(seen.statements), seen.commits) == (1, 1)


def test_transaction_is_one_commit(count):
    """Statements within atomic() are committed once; savepoints are no statements."""
    with count(statements=3, commits=1) as seen, transaction.atomic():
        Group.objects.create(name="one")
        with transaction.atomic():
            Group.objects.create(name="two")
        list(Group.objects.all())
    assert (len(seen.statements), seen.commits) == (3, 1)


def test_reading_is_no_commit(count):
    """A SELECT by itself is one statement and no commit."""
    with count() as seen:
        list(Group.objects.all())
    assert (len(seen.statements), seen.commits) == (1, 0)


def test_rollback_is_no_commit(count):
    """What is rolled back was executed, but not committed."""
    with count() as seen, transaction.atomic():
        Group.objects.create(name="one")
        transaction.set_rollback(True)
    assert (len(seen.statements), seen.commits) == (1, 0)


@pytest.mark.parametrize("budget", [{"statements": 1}, {"commits": 1}], ids=str)
def test_exceeded_budget_fails_and_lists_the_statements(count, budget):
    """Whoever exceeds a budget reads which statements did."""

    def exceed():
        with count(**budget):
            Group.objects.create(name="one")
            Group.objects.create(name="two")

    with pytest.raises(AssertionError) as failure:
        exceed()
    assert str(failure.value).count("INSERT INTO") == 2


def test_commits_are_not_counted_where_none_can_be_seen(count):
    """A test in a transaction of its own passes any budget of commits, so it may have none."""
    with transaction.atomic(), pytest.raises(RuntimeError), count(commits=1):
        pass
