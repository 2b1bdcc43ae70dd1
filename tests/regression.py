"""Random-effects regression from its normal equations, as a reference for what kpr says."""


def solve(a, b):
    """Gauss-Jordan."""
    rows = [list(row) + [value] for row, value in zip(a, b)]
    for i in range(len(rows)):
        pivot = max(range(i, len(rows)), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [v / rows[i][i] for v in rows[i]]
        for k in range(len(rows)):
            if k != i:
                rows[k] = [v - rows[k][i] * w for v, w in zip(rows[k], rows[i])]
    return [row[-1] for row in rows]


def coefficients(values, variances, columns, between):
    """The intercept, then of each column; `between` is the variance between areas."""
    design = [[1.0] + [column[i] for column in columns] for i in range(len(values))]
    w = [1 / (v + between) for v in variances]
    width = len(columns) + 1
    a = [[sum(w[i] * x[j] * x[k] for i, x in enumerate(design)) for k in range(width)] for j in range(width)]
    return solve(a, [sum(w[i] * x[j] * values[i] for i, x in enumerate(design)) for j in range(width)])


def variance_between(values, variances, columns):
    """By bisection."""
    def squares(t):
        b = coefficients(values, variances, columns, t)
        fitted = [b[0] + sum(p * column[i] for p, column in zip(b[1:], columns)) for i in range(len(values))]
        return sum((y - f) ** 2 / (v + t) for y, f, v in zip(values, fitted, variances))

    freedom = len(values) - len(columns) - 1
    low, high = 0.0, 10.0
    if squares(0) <= freedom:
        return 0.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if squares(middle) > freedom else (low, middle)
    return low
