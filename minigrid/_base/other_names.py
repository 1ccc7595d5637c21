"""What other libraries call things, and what to use here: one table for attributes, and one for arguments.

The tables are only read for an error, so nothing imports this module before.
"""

import re
from collections.abc import Iterable, Mapping

_SEARCH = "A trainer finds the weights: GridSearchTrainer(Grid.linspace(-3, 3, 7)).fit(network, X, y)."
_FOUND = "Use result = trainer.fit(network, X, y): it has result.score, .parameters, .network.predict(X), .history."
_SETTINGS = "print(trainer) shows the settings. To change one, create another GridSearchTrainer."
_NEVER_CHANGES = "A network never changes: network.with_parameters(vector) returns another one, with these weights."
_ALL = "Use network.parameters, all weights and biases"
_CLASSES = "The labels are 0, 1, 2, ...: minigrid.sklearn.GridSearchNetworkClassifier takes others, and has classes_."
_PARAMETERS = (
    "Use result.parameters, or result.to_dict()['parameters'] for them by name; those of one neuron are "
    "result.network[0][0].weights."
)
_RESUMES = 'To save and resume a search, use trainer.fit(network, X, y, checkpoint="search.json").'
_TABLE = "Use result.to_records(), the best candidates: pandas.DataFrame(result.to_records()) is a table of them."
_ALONE = "Use network = Network([Layer([neuron])]), which predicts, or neuron(X), its outputs."


def _each(names: str, use: str) -> dict[str, str]:
    """Give several names one answer."""
    return dict.fromkeys(names.split(), use)


def _of_parts(names: Iterable[str], owner: str) -> dict[str, str]:
    """Give names of attributes that a part of a thing has."""
    return {name: f"Use {owner}.{name}." for name in names}


def _in_trainer(use: str) -> str:
    """Turn what to use in a trainer into what to do where it was passed to a method of one."""
    if use.startswith("Use "):
        return f"The trainer has this setting. {use}"
    return re.sub(r"\b([Uu])se (?=\w+=)", lambda found: f"{'Cc'[found[1] == 'u']}reate the trainer with ", use)


ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    "Network": {
        **_each("fit train search partial_fit fit_predict optimize", _SEARCH),
        **_each(
            "compile build optimizer loss metrics backward zero_grad grad requires_grad",
            f"There is no gradient. {_SEARCH}",
        ),
        **_each(
            "forward predict_proba decision_function outputs eval activate call",
            "Use network(X), the outputs of shape (n_samples, n_outputs).",
        ),
        "predict_classes": "Use network.predict(X).",
        "predict_log_proba": "Use np.log(network(X)).",
        **_each("weights weight coef_ coefs_", f"{_ALL}, or network[0][0].weights, those of one neuron."),
        **_each("bias biases intercept_ intercepts_", f"{_ALL}, or network[0][0].bias, that of one neuron."),
        **_each(
            "params get_weights get_params state_dict trainable_variables trainable_weights named_parameters",
            f"{_ALL} by the names in network.parameter_names.",
        ),
        **_each(
            "set_weights set_params load_state_dict with_weights update randomize initialize reset copy clone",
            _NEVER_CHANGES,
        ),
        **_each(
            "add append insert pop", "A network never changes: Network([*network, layer]) is one with another layer."
        ),
        **_each(
            "parameters_count count_params n_params num_params num_parameters n_weights size",
            "Use network.n_parameters.",
        ),
        **_each("n_layers num_layers depth n_layers_", "Use len(network)."),
        **_each("children modules named_modules get_layer layer", "Use network.layers, or network[0], the first."),
        **_each("device dtype to cuda cpu double float half", "A network computes in float64, on the CPU."),
        **_each("to_onnx export", "minigrid.onnx.save(network, 'network.onnx') writes a model of ONNX."),
        **_each("tolist values numpy", "Use network.parameters.tolist()."),
        **_each("n_features n_features_in_ input_dim input_shape input_size in_features", "Use network.n_inputs."),
        **_each("output_dim output_shape output_size out_features n_outputs_", "Use network.n_outputs."),
        "names": "Use network.parameter_names.",
        "classes_": _CLASSES,
        **_each("history losses loss_curve_", "Use result = trainer.fit(network, X, y): it has result.history."),
        "activation": "Use network[0][0].activation, that of one neuron.",
        **_each("out_activation_ output_activation", "Use network[-1][0].activation."),
        **_each("accuracy evaluate", "Use network.score(X, y)."),
        **_each("plot draw show visualize render graph plot_model", "Use network.diagram()."),
        **_each("shape hidden_layer_sizes architecture structure", "Use network.topology."),
        **_each("to_json to_dict get_config save_weights save_model dump", 'Use network.save("network.json").'),
        **_each("load_weights load_model from_json from_dict", 'Use Network.load("network.json").'),
    },
    "Layer": {
        **_of_parts(("weights", "parameters"), "layer[0]"),
        **_each("bias biases", "Use layer[0].bias, that of one neuron."),
        "activation": "Use layer[0].activation, that of one neuron.",
        **_each("units size n_neurons n_outputs", "Use len(layer)."),
        **_each("predict fit score", "Use network = Network([layer]), which predicts, or layer(X), its outputs."),
    },
    "Neuron": {
        **_each("w params coef_", "Use neuron.weights."),
        **_each("b biases intercept_", "Use neuron.bias."),
        **_each("predict fit score train", _ALONE),
        **_each("n_weights n_inputs size", "Use len(neuron.weights)."),
    },
    "Grid": {
        **_each("size num n_values count shape", "Use len(grid)."),
        **_each("min start low lower", "Use grid.values.min()."),
        **_each("max stop high upper", "Use grid.values.max()."),
        **_each("tolist to_list", "Use grid.values.tolist()."),
        "step": "Use grid.values[1] - grid.values[0], if the values are evenly spaced.",
    },
    "SearchSpace": {
        **_each("n_candidates total count", "Use space.size."),
        **_each("shape ndim dimensions", "Use [len(grid) for grid in space.grids]."),
        **_each("grid values", "Use space.grids, one for each parameter."),
        **_each("parameters parameter_names", "Use space.names; space[0] are the weights of the first candidate."),
    },
    "Candidate": {
        **_each("weights bias biases params values x", "Use candidate.parameters."),
        **_each("value loss accuracy fun", "Use candidate.score."),
        **_each("network predict", "Use result.network.with_parameters(candidate.parameters)."),
        "rank": "Use result.to_records(), which has the ranks.",
    },
    "SearchPlan": {
        **_each("time duration estimate eta estimated_seconds cost", "Use plan.seconds."),
        **_each("size total n_evaluations n_combinations", "Use plan.n_candidates."),
        "hint": "Use plan.hints.",
    },
    "SearchResult": {
        "predict": "Use result.network.predict(X).",
        **_each("evaluate accuracy_ score_samples", "Use result.network.score(X, y)."),
        **_each(
            "predict_proba decision_function", "Use result.network(X), the outputs of shape (n_samples, n_outputs)."
        ),
        **_each("weights weight w coefs coef_ coefs_ best_weights", _PARAMETERS),
        **_each("best_params best_params_ best_parameters params params_ get_params x solution optimum", _PARAMETERS),
        **_each("bias biases intercept_ intercepts_", _PARAMETERS.replace("weights.", "bias.")),
        **_each(
            "best_score best_score_ accuracy loss value fun best_value best_loss objective_value ObjectiveValue",
            "Use result.score.",
        ),
        **_each("best_network best_estimator_ best_model model estimator net trained_network", "Use result.network."),
        **_each("best_index best_index_ number", "Use result.index."),
        **_each(
            "best_bound best_objective_bound BestObjectiveBound objective_bound upper_bound lower_bound dual_bound",
            "Use result.bound.",
        ),
        **_each("mip_gap relative_gap optimality_gap", "Use result.gap."),
        **_each("num_branches num_nodes node_count", "Use result.n_scored, and result.n_pruned, those left out."),
        **_each("size n_candidates_ total", "Use result.n_candidates."),
        **_each("predictions y_pred outputs", "Use result.network.predict(X), or result.network(X), the outputs."),
        **_each(
            "best best_ top_ best_candidate best_trial", "Use result.top[0], with its index, parameters and score."
        ),
        **_each(
            "candidates trials ranking top_k results solutions", "Use result.top, the best candidates, best first."
        ),
        **_each("cv_results_ to_frame to_dataframe to_df df to_csv to_pandas", _TABLE),
        **_each("summary report describe", "Use print(result)."),
        **_each("plot draw", "Use SearchHistoryDisplay.from_result(result).plot(), of minigrid.plotting."),
        **_each("history_ losses loss_curve_ loss_curve scores_history log logs", "Use result.history."),
        **_each("success proven is_optimal is_proven converged certificate", "Use result.optimal."),
        **_each("message status state reason stopped timeout termination finished", "Use result.stop_reason."),
        **_each(
            "time elapsed elapsed_time duration runtime wall_time total_time train_time refit_time_ fit_time",
            "Use result.seconds.",
        ),
        **_each("nfev nit n_iter n_iter_ n_evaluated n_evaluations n_trials", "Use result.n_scored."),
        **_each("hint warnings advice", "Use result.hints."),
        **_each("to_json dump write to_file", 'Use result.save("result.json"), or json.dumps(result.to_dict()).'),
        **_each("fit train", "Use trainer.fit(network, X, y)."),
        **_of_parts(("layers", "neurons", "topology", "parameter_names", "n_parameters"), "result.network"),
        "diagram": "Use result.network.diagram().",
        "classes_": _CLASSES,
    },
    "GridSearchTrainer": {
        **_each("predict predict_proba score evaluate plot summary save best", _FOUND),
        **_each("best_score_ best_params_ best_estimator_ cv_results_ best_score best_params best_index_", _FOUND),
        **_each("best_trial best_value best_trials trials trials_dataframe study decision_function transform", _FOUND),
        **_each("fit_predict fit_transform test validate logger callback_metrics refit_time_ n_features_in_", _FOUND),
        **_each("network weights parameters history result results result_ history_ network_ model top_", _FOUND),
        **_each(
            "train search run optimize optimise minimize maximize tune start solve partial_fit",
            "Use trainer.fit(network, X, y).",
        ),
        **_each("estimate estimate_time", "Use trainer.plan(network, X, y)."),
        **_each("n_candidates size space", "Use trainer.plan(network, X, y).n_candidates."),
        **_each("grid bias_grid overrides strategy scoring penalty engine top time_limit target_score", _SETTINGS),
        **_each("max_candidates callbacks progress workers executor params get_params set_params compile", _SETTINGS),
        **_each(
            "param_grid scorer_ cv refit n_jobs verbose error_score callback estimator optimizer epochs", _SETTINGS
        ),
        **_each("resume load load_checkpoint save_checkpoint restore checkpoint", _RESUMES),
        **_each(
            "stop cancel", "A callback that returns True stops the search; so do Ctrl-C and time_limit=60 (seconds)."
        ),
        "classes_": _CLASSES,
    },
    "SearchEvent": {
        **_each(
            "score best_score incumbent_score loss value objective accuracy",
            "Use event.incumbent, the best score so far, or event.best, the best candidate of this stage; both are "
            "None before the first score.",
        ),
        **_each("progress percent", "Use event.fraction."),
        **_each("time elapsed", "Use event.seconds."),
        **_each("eta remaining seconds_left", "Use event.estimated_seconds_left."),
        **_each("n_scored n_evaluated step iteration", "Use event.n_processed."),
        **_each("total size", "Use event.n_candidates."),
        **_each("candidate parameters weights", "Use event.best, with its index, parameters and score."),
        **_each("name stage_name", "Use event.stage."),
    },
    "Display": {
        **_each("save savefig", 'Use display.plot().figure_.savefig("picture.png").'),
        **_each("show", "Call display.plot(), then matplotlib.pyplot.show(); a notebook shows the picture by itself."),
        **_each("draw render", "Use display.plot()."),
        **_each("fig fig_ figure", "Use display.plot().figure_."),
        **_each("ax axes axes_", "Use display.plot().ax_."),
    },
    "NetworkEstimator": {
        **_each(
            "coef_ coefs_ weights weights_ parameters parameters_",
            "Use estimator.network_.parameters after fit, all weights and biases, or estimator.network_[0][0].weights, "
            "those of one neuron.",
        ),
        **_each("intercept_ intercepts_ biases", "Use estimator.network_[0][0].bias after fit, that of one neuron."),
        **_each("result history_ loss_curve_ best_score_ best_params_", "Use estimator.result_ after fit."),
        **_each("network_best best_network_ model model_", "Use estimator.network_ after fit."),
    },
}
"""What to use instead of an attribute, by the name of the class or of a base of it."""

CLASS_ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    "Grid": {
        **_each("arange range", "Use Grid(np.arange(-3.0, 3.5, 0.5))."),
        "logspace": "Use Grid(np.logspace(-2.0, 2.0, 5)).",
        "geomspace": "Use Grid(np.geomspace(0.01, 100.0, 5)).",
        **_each("from_values from_list of", "Use Grid([-1.0, 0.0, 1.0])."),
    },
    "DecisionBoundaryDisplay": _each(
        "from_estimator from_predictions",
        "Use DecisionBoundaryDisplay.from_network(estimator.network_, X, y), whose y holds the labels 0, 1, 2, ...",
    ),
    "SearchHistoryDisplay": {
        "from_estimator": "Use SearchHistoryDisplay.from_result(estimator.result_).",
    },
    "Display": {
        "from_estimator": "An estimator has estimator.network_ and estimator.result_, which a display takes: "
        "DecisionBoundaryDisplay.from_network, SearchHistoryDisplay.from_result.",
    },
}
"""What to use instead of an attribute of a class itself."""

NAMES: Mapping[str, str] = {
    **_each("cross_entropy crossentropy binary_crossentropy categorical_crossentropy bce nll logloss", "log_loss"),
    **_each("neg_log_loss deviance", "log_loss"),
    **_each(
        "rmse l2_loss squared_error neg_mean_squared_error root_mean_squared_error quadratic", "mean_squared_error"
    ),
    **_each("l1_loss absolute_error neg_mean_absolute_error", "mean_absolute_error"),
    **_each("linear none", "identity"),
    **_each("logistic expit", "sigmoid"),
    **_each("swish", "silu"),
    **_each("heaviside threshold sign", "step"),
    **_each("rbf", "gaussian"),
    **_each("sin", "sine"),
    **_each("grid grid_search exhaustive brute brute_force bruteforce full all", "joint"),
    **_each("random_search randomized", "random"),
    **_each("greedy hill_climbing descent coordinate_descent", "coordinate"),
    **_each("layer layers greedy_layerwise", "layerwise"),
    **_each("loop plain python", "reference"),
    **_each("fast fastest best default automatic", "auto"),
    **_each("vectorized vectorised numpy", "batched"),
    **_each("branch_and_bound", "exact"),
}
"""What is called so here, for names that are passed as text, such as those of scorings."""

_NO_GRADIENT = (
    "No strategy follows gradients, models the scores or evolves candidates. "
    "Use 'coordinate', which climbs from many starts and scores few candidates."
)
_NO_SOFTMAX = (
    "There is no softmax, as an activation sees one neuron. Use 'sigmoid': predict takes the largest output, and "
    "scoring='log_loss' divides several outputs by their sum."
)
ADVICE: Mapping[str, Mapping[str, str]] = {
    "strategy": _each(
        "adam adamw sgd gd gradient gradient_descent backprop backpropagation lbfgs l_bfgs rmsprop newton "
        "bayes bayesian bayesian_optimization optuna tpe hyperband evolution evolutionary genetic cma_es "
        "annealing simulated_annealing",
        _NO_GRADIENT,
    ),
    "activation": _each("softmax log_softmax logsoftmax", _NO_SOFTMAX),
}
"""What to do instead of passing a name of something that does not exist here, by the kind of name."""

_SEED = "A search of the whole grid uses no random numbers; a strategy takes a seed: Coordinate(seed=0)."
_NO_EPOCHS = (
    "A search has no epochs, batches or learning rate. "
    "To limit it, use time_limit=60 (seconds) or max_candidates=10_000."
)
_NO_FOLDS = (
    "minigrid scores on all samples; sklearn.model_selection.cross_val_score takes minigrid.sklearn's estimators."
)
_SCORING = "Use scoring=, such as scoring='log_loss'."
_TO_FIT = "Pass it to fit: GridSearchTrainer(grid).fit(network, X, y{})."
_FIT_HAS = "Only fit has it: GridSearchTrainer(grid).fit(network, X, y{})."
_TRAINER_HAS = "A trainer has it: GridSearchTrainer(grid).fit(network, X, y{})."
_PROCESSES = "Here, use workers=2 for two processes."
_OF_FIT = {
    "sample_weight": ", sample_weight=weights",
    "checkpoint": ", checkpoint='search.json'",
    "keep_scores": ", keep_scores='scores.npy'",
}
_TO_TRAINER = "Pass it to the trainer: GridSearchTrainer(grid, {}=...)."
_TRAINERS = (
    "strategy scoring penalty engine top time_limit target_score max_candidates callbacks progress workers executor"
)
_PENALTY = "Use penalty=, such as penalty=L2(0.01)."
_GRID = "Pass the values first: GridSearchTrainer(Grid.linspace(-3, 3, 7))."
_BIAS = "Use bias=True."
_BIAS_OF_NETWORK = (
    "The network has it: Network.dense([2, 2, 1], bias=True). "
    "For values of the biases' own, use bias_grid=, such as bias_grid=Grid.linspace(-3, 3, 7)."
)

_NO_BATCHES = "A search scores each candidate on all samples, and their order does not matter."
_END_EARLY = (
    "To end a search early, use target_score=0.95, time_limit=60 (seconds), or a callback that returns True. "
    "A proof has no tolerance."
)
_DIRECTION = (
    "Use scoring=, which has a direction: scoring=FunctionScoring(function, greater_is_better=False) minimizes."
)
_OF_NETWORK = "The network has it: Network.dense([2, 2, 1], activation='tanh')."
_SIZES = "Pass the sizes first: Network.dense([2, 2, 1]) has 2 inputs, 2 hidden neurons and an output."
_CHECKPOINT = "Use checkpoint='search.json', a file to save the search to, and to resume it from."

_OF_SEARCHES = {
    **_each(
        "n_jobs n_workers num_workers processes threads n_threads num_threads num_search_workers pre_dispatch",
        "Use workers=, such as workers=2.",
    ),
    **_each(
        "device devices accelerator gpus cuda use_gpu", "minigrid computes on the CPU. Use workers=2 for two processes."
    ),
    **_each(
        "verbose verbosity show_progress show_progress_bar enable_progress_bar progress_bar log_search_progress disp",
        "Use progress=True or progress=False.",
    ),
    **_each("n_trials max_evals max_evaluations max_steps n_calls budget max_fun", "Use max_candidates=10_000."),
    **_each("early_stopping patience n_iter_no_change tol rtol mip_gap gap", _END_EARLY),
    **_each("target threshold goal stop_score", "Use target_score=, such as target_score=0.95."),
    **_each("direction maximize minimize mode", _DIRECTION),
    **_each("sampler pruner algorithm search_strategy tuner", "Use strategy=, such as strategy='coordinate'."),
    **_each("shuffle drop_last dataloader", _NO_BATCHES),
    **_each("metric metrics loss criterion objective", _SCORING),
    **_each("epochs n_iter max_iter n_epochs max_epochs iterations batch_size steps_per_epoch", _NO_EPOCHS),
    **_each("learning_rate learning_rate_init lr momentum optimizer solver", _NO_EPOCHS),
    **_each("random_state seed", _SEED),
    **_each("cv validation_split validation_data validation_fraction folds groups eval_set refit", _NO_FOLDS),
    **_each("error_score return_train_score", _NO_FOLDS),
    **_each(
        "timeout max_time max_seconds seconds max_time_in_seconds time_limit_s wall_time max_runtime",
        "Use time_limit=60 (seconds).",
    ),
    **_each("regularization regularizer alpha l1 l2", _PENALTY),
}
_SEEDED = _each("random_state rng", "Use seed=0.")
_MODEL = {
    **_each("use_bias biases fit_intercept", _BIAS),
    **_each("activations activation_function act hidden_activation nonlinearity", "Use activation='tanh'."),
    **_each("dtype device", "A network computes in float64, on the CPU."),
    **_each(
        "seed random_seed random_state initializer kernel_initializer bias_initializer",
        "The weights do not matter to a search; with_parameters sets them.",
    ),
}
_IN_TRAINER = {
    **{name: _in_trainer(use) for name, use in _OF_SEARCHES.items()},
    **{name: _TO_TRAINER.format(name) for name in _TRAINERS.split()},
    "grid": "Pass it to the trainer: GridSearchTrainer(grid).",
    "callback": _TO_TRAINER.format("callbacks"),
}
_ENDS_EARLY = "max_candidates|target_score|strategy"  # which near_best refuses
_NOT_SAVED = {name: _FIT_HAS.format(use) for name, use in _OF_FIT.items() if name != "sample_weight"}

ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "GridSearchTrainer": {
        **_OF_SEARCHES,
        **_each("backend pool client cluster", "Use executor=, such as concurrent.futures.ProcessPoolExecutor(2)."),
        **_each("network model estimator X y", _TO_FIT.format("")),
        **{name: _TO_FIT.format(use) for name, use in _OF_FIT.items()},
        **_each("class_weight", "Use sample_weight in fit: fit(network, X, y, sample_weight=weights)."),
        **_each("hidden hidden_layer_sizes activation output_activation layers", _OF_NETWORK),
        **_each(
            "resume storage load_if_exists default_root_dir",
            "Pass a file to fit: GridSearchTrainer(grid).fit(network, X, y, checkpoint='search.json').",
        ),
        **_each("weights weight_grid param_grid values grids parameters", _GRID),
        **_each("bias use_bias fit_intercept", _BIAS_OF_NETWORK),
        **_each("biases bias_values", "Use bias_grid=, such as Grid.linspace(-3, 3, 7)."),
        "restarts": "Pass them in a strategy: strategy=Coordinate(restarts=10).",
        "method": "Use strategy='coordinate'.",
        "callback": "Use callbacks=[function].",
        **_each("n_best k keep", "Use top=10."),
        "*": "Name the settings, as in GridSearchTrainer(grid, strategy='coordinate'). Pass the network to fit.",
    },
    "GridSearchTrainer.fit": {
        **_IN_TRAINER,
        **_each("resume resume_from ckpt_path checkpoint_path path file save save_path", _CHECKPOINT),
        **_each("weights sample_weights class_weight weight", "Use sample_weight=, one number per sample."),
        **_each("inputs data x features", "Use X=."),
        **_each("targets labels target Y", "Use y=."),
        "*": "Name it: sample_weight=.",
    },
    "GridSearchTrainer.plan": {**_IN_TRAINER, **_NOT_SAVED, "*": "Name it: sample_weight=."},
    "GridSearchTrainer.near_best": {
        **{name: use for name, use in _IN_TRAINER.items() if not re.search(_ENDS_EARLY, use)},
        **_NOT_SAVED,
        "*": "Name them, as in within=0.01.",
    },
    "Network.dense": {
        **_MODEL,
        **_each("last_activation final_activation output", "Use output_activation='sigmoid'."),
        **_each("layers layer_sizes hidden_layers units architecture topology hidden hidden_layer_sizes", _SIZES),
        **_each("input_shape input_dim n_inputs n_features in_features n_outputs out_features", _SIZES),
    },
    "Neuron": _MODEL,
    "Layer.dense": {**_MODEL, "*": "Name the activation: activation='tanh'."},
    "Coordinate": {**_SEEDED, **_each("n_restarts n_starts n_init starts", "Use restarts=10.")},
    "RandomSample": {**_SEEDED, **_each("n_samples n_iter n_trials size num", "Use n=1000.")},
    "LeakyReLU": _each("alpha negative_slope a", "Use slope=0.01."),
    "LogLoss": _each("eps clip", "Use epsilon=1e-9."),
    "FunctionScoring": {
        **_each(
            "maximize minimize direction higher_is_better lower_is_better is_loss loss sign mode",
            "Use greater_is_better=False for a loss.",
        ),
        **_each("f fn func score_func metric scorer", "Pass the function first: FunctionScoring(function)."),
        "bound": "Use bounds=.",
    },
    "L0": _each("n k max_weights n_weights most l0", "Use at_most=3, the largest number of weights that are not 0."),
    "L1": _each("alpha lambda_ lam weight l1 C", "Use strength=0.01."),
    "L2": _each("alpha lambda_ lam weight l2 C", "Use strength=0.01."),
    "Network.score": {**_each("metric metrics loss", _SCORING), "*": "Name it: scoring='accuracy'."},
    "NetworkEstimator": {
        **_OF_SEARCHES,
        "sample_weight": "Pass it to fit: fit(X, y, sample_weight=weights).",
        "executor": f"A trainer has it: GridSearchTrainer(grid, executor=...).fit(network, X, y). {_PROCESSES}",
        **{name: _TRAINER_HAS.format(_OF_FIT[name]) for name in ("checkpoint", "keep_scores")},
        **_each("hidden_layer_sizes hidden_layers layers units sizes", "Use hidden=(2,)."),
        **_each("use_bias fit_intercept", _BIAS),
        **_each("param_grid", "Use grid=, the values of each weight, such as Grid.linspace(-3, 3, 7)."),
        "class_weight": "Pass sample_weight to fit, such as sklearn.utils.compute_sample_weight('balanced', y).",
        "warm_start": "Pass weights to start from: strategy=Coordinate(start=network.parameters).",
    },
    "Grid.linspace": {
        **_each("n steps count points size n_values", "Use num=7."),
        **_each("end high max upper", "Use stop=3.0."),
        **_each("begin low min lower", "Use start=-3.0."),
        "step": "Use num=7, how many values, or Grid(np.arange(-3.0, 3.5, 0.5)).",
    },
}
"""What to use instead of an argument, by the name of the class or function."""
