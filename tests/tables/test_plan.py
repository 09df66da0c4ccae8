"""Plans: the seeds of each rate, the same for all or, of a search, each its own number."""

from lrbench.tables.plan import plan_of, planned_runs, seeds_at, seeds_by_rate


def test_every_rate_of_a_list_has_all_seeds():
    plan = {"learning_rates": [0.1, 0.01], "seeds": [7, 3]}
    assert seeds_by_rate(plan) == {0.01: (3, 7), 0.1: (3, 7)}
    assert (planned_runs(plan), seeds_at(plan, 0.1), seeds_at(plan, None)) == (4, 2, 2)


def test_a_rate_of_a_search_has_the_first_seeds():
    plan = plan_of({0.1: 3, 0.01: 1})
    assert plan == {"learning_rates": [0.01, 0.1], "seeds": [0, 1, 2], "first_seeds": [1, 3]}
    assert seeds_by_rate(plan) == {0.01: (0,), 0.1: (0, 1, 2)}
    assert (planned_runs(plan), seeds_at(plan, 0.01), seeds_at(plan, None)) == (4, 1, 3)
