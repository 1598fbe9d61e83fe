import numpy as np

from benchmarks.trust import NEVER, fitted, held_out, threshold


def test_no_writer_is_judged_by_a_model_that_learnt_from_him():
    """What is a sign of being right with one writer and of being wrong with the others must not count as known."""
    writers = [name for name in "abcde" for _ in range(40)]
    own = np.array([[float(name == other) for other in "abcde"] for name in writers])
    right = np.array([name in "ab" for name in writers], float)
    means, scales, weights, bias = fitted(own, right)
    told = 1 / (1 + np.exp(-((own - means) / scales @ weights + bias)))
    assert told[:80].min() > 0.9
    assert held_out(own, right, writers)[:80].max() < 0.5


def test_the_threshold_lets_no_more_wrong_through_than_asked():
    sure, right = np.linspace(1, 0, 1001), np.ones(1001)
    right[500:] = 0
    least = threshold(sure, right, 0.01)
    assert 0 < np.mean(1 - right[sure >= least]) <= 0.01
    assert threshold(sure, 1 - right, 0.01) == NEVER
