"""Ranking objectives as loops over queries, documents and pairs."""

from __future__ import annotations

import math

import numpy as np

NAN = math.nan
GAINS = {
    "exponential": lambda grade: 2.0**grade - 1.0,
    "linear": lambda grade: grade,
}


def gain_function(gain):
    """What a grade is worth, for a name or a list of gains."""
    return GAINS[gain] if isinstance(gain, str) else lambda grade: gain[int(grade)]


def discount(rank):
    """Of a rank that starts from 0."""
    return 1.0 / math.log2(2.0 + rank)


def best_dcg(worth, truncation):
    ideal = sorted(worth, reverse=True)[:truncation]
    return sum(w * discount(rank) for rank, w in enumerate(ideal))


def queries_of(target, query, weight=None):
    """The rows of each query that are judged and of positive weight."""
    found = {}
    for row in range(len(target)):
        if math.isnan(target[row]) or (weight is not None and weight[row] == 0):
            continue
        found.setdefault(query[row], []).append(row)
    return list(found.values())


def informative_rows(target, query, weight, gain="exponential"):
    mask = np.zeros(len(target), dtype=bool)
    for rows in queries_of(target, query, weight):
        if len({gain_function(gain)(target[row]) for row in rows}) > 1:
            mask[rows] = True
    return mask


def lambdarank(
    target,
    query,
    weight,
    score,
    truncation=30,
    sigmoid=1.0,
    norm=True,
    gain="exponential",
):
    """Gradient and Hessian of LambdaRank, one pair after another."""
    gradient, hessian = np.zeros((2, len(target)))
    for rows in queries_of(target, query, weight):
        g, h = lambdarank_query(
            [target[row] for row in rows],
            [float(score[row]) for row in rows],
            *(truncation, sigmoid, norm, gain_function(gain)),
        )
        for row, *found in zip(rows, g, h, strict=True):
            unit = 1.0 if weight is None else weight[row]
            gradient[row], hessian[row] = (unit * value for value in found)
    return gradient, hessian


def lambdarank_query(grades, score, truncation, sigmoid, norm, gain):
    n = len(grades)
    worth = [gain(grade) for grade in grades]
    best = best_dcg(worth, truncation)
    gradient, hessian, total = [0.0] * n, [0.0] * n, 0.0
    divides = norm and max(score) != min(score)
    ranked = sorted(range(n), key=lambda document: -score[document])
    for i in range(min(truncation, n)):
        for j in range(i + 1, n):
            a, b = ranked[i], ranked[j]
            if grades[a] == grades[b]:
                continue
            high, low = (a, b) if grades[a] > grades[b] else (b, a)
            if best == 0:
                continue
            delta = (worth[high] - worth[low]) * (discount(i) - discount(j)) / best
            distance = score[high] - score[low]
            if divides:
                delta /= 0.01 + abs(distance)
            rho = 1.0 / (1.0 + math.exp(sigmoid * distance))
            pull = sigmoid * delta * rho
            curvature = sigmoid**2 * delta * rho * (1.0 - rho)
            gradient[high] -= pull
            gradient[low] += pull
            hessian[high] += curvature
            hessian[low] += curvature
            total += 2.0 * pull
    factor = math.log2(1.0 + total) / total if norm and total > 0 else 1.0
    return [factor * g for g in gradient], [factor * h for h in hessian]


def xendcg(target, query, weight, score, uniform, gain="exponential"):
    """Gradient and Hessian of XE-NDCG for one number in [0, 1) per row."""
    gradient, hessian = np.zeros((2, len(target)))
    for rows in queries_of(target, query, weight):
        worth = [gain_function(gain)(target[row]) for row in rows]
        if len(set(worth)) == 1:
            continue
        phi = [w + 1.0 - uniform[row] for row, w in zip(rows, worth, strict=True)]
        e = [math.exp(score[row] - max(score[rows])) for row in rows]
        rho = [value / sum(e) for value in e]
        a = [r - p / sum(phi) for r, p in zip(rho, phi, strict=True)]
        b = [
            r * sum(a[j] / (1 - rho[j]) for j in range(len(rows)) if j != i)
            for i, r in enumerate(rho)
        ]
        c = [
            r * sum(b[j] / (1 - rho[j]) for j in range(len(rows)) if j != i)
            for i, r in enumerate(rho)
        ]
        for i, row in enumerate(rows):
            unit = 1.0 if weight is None else weight[row]
            gradient[row] = unit * (a[i] + b[i] + c[i])
            hessian[row] = unit * rho[i] * (1 - rho[i])
    return gradient, hessian
