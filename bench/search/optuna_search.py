"""Regret and time of Optuna's samplers: a line of JSON for each search that is asked for."""
import json
import sys
import time
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


def main():
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    print(json.dumps({"version": optuna.__version__}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        kind = {"search": search, "rungs": rungs, "values": values, "ask": ask}[request["kind"]]
        print(json.dumps({"result": kind(request)}), flush=True)


main()
