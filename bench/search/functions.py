"""The functions of functions.ts, as objectives of Optuna."""
import math

HARTMANN_ALPHA = [1, 1.2, 3, 3.2]
HARTMANN_A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
HARTMANN_P = [
    [1312, 1696, 5569, 124, 8283, 5886],
    [2329, 4135, 8307, 3736, 1004, 9991],
    [2348, 1451, 3522, 2883, 3047, 6650],
    [4047, 8828, 8732, 5743, 1091, 381],
]


def branin(trial):
    x, y = trial.suggest_float("xa", -5, 10), trial.suggest_float("xb", 0, 15)
    curve = y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6
    return curve**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def hartmann6(trial):
    x = [trial.suggest_float(f"x{name}", 0, 1) for name in "abcdef"]
    exponents = [sum(a * (xi - p * 1e-4) ** 2 for a, xi, p in zip(*row)) for row in zip(HARTMANN_A, [x] * 4, HARTMANN_P)]
    return -sum(alpha * math.exp(-exponent) for alpha, exponent in zip(HARTMANN_ALPHA, exponents))


def rosenbrock4(trial):
    x = [trial.suggest_float(f"x{name}", -5, 10) for name in "abcd"]
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in zip(x, x[1:]))


def conditional(trial):
    name = trial.suggest_categorical("name", ["sgd", "adam", "lion"])
    rate = math.log10(trial.suggest_float("rate", 1e-5, 1, log=True))
    depth = trial.suggest_int("depth", 1, 8)
    floor, best = {"sgd": (0.1, -1), "adam": (0, -3), "lion": (0.05, -4)}[name]
    total = floor + 0.15 * (rate - best) ** 2 + 0.02 * (depth - 5) ** 2
    if name == "sgd":
        total += 2 * (trial.suggest_float("momentum", 0, 0.99) - 0.9) ** 2
    if name == "adam":
        total += 1.5 * (trial.suggest_float("beta", 0.5, 0.999) - 0.9) ** 2
    return total + (0.8 * (trial.suggest_float("dropout", 0, 0.8) - 0.3) ** 2 if depth >= 4 else 0.05)


FUNCTIONS = {"branin": branin, "hartmann6": hartmann6, "rosenbrock4": rosenbrock4, "conditional": conditional}
