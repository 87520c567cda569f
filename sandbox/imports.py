"""Which of the slow packages a script imports: what a fork server should have imported before."""

import ast

from journal import parse_python

PRELOADED: dict[str, tuple[str, ...]] = {
    "numpy": ("numpy", "numpy.random", "numpy.linalg"),
    "pandas": ("pandas",),
    "scipy": ("scipy", "scipy.sparse", "scipy.stats", "scipy.optimize", "scipy.special"),
    "sklearn": (
        "sklearn",
        *(
            f"sklearn.{name}"
            for name in (
                *("calibration", "cluster", "compose", "decomposition", "ensemble", "feature_extraction.text", "feature_selection"),
                *("gaussian_process", "impute", "isotonic", "kernel_approximation", "kernel_ridge", "linear_model", "metrics", "mixture"),
                *("model_selection", "multiclass", "multioutput", "naive_bayes", "neighbors", "neural_network", "pipeline"),
                *("preprocessing", "random_projection", "svm", "tree"),
            )
        ),
    ),
    "lightgbm": ("lightgbm", "lightgbm.sklearn"),
    "xgboost": ("xgboost",),
    "catboost": ("catboost",),
    # The first optimiser imports torch._dynamo.
    "torch": ("torch", "torch.nn", "torch.optim", "torch.utils.data", "torch._dynamo"),
    "torchvision": ("torchvision",),
    "transformers": ("transformers",),
    "polars": ("polars",),
}
"""By package, the modules that are imported for it. None of them may start a thread or initialise a GPU when it is imported."""
_ALWAYS = ("threadpoolctl",)
"""Sets the number of threads in a child."""


def slow_packages(code: str) -> tuple[str, ...]:
    """The packages of PRELOADED that the script imports anywhere, sorted; none where it is no Python."""
    try:
        tree = parse_python(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return tuple(sorted(found & PRELOADED.keys()))


def modules(packages: tuple[str, ...]) -> list[str]:
    """What to import for them."""
    return [*(_ALWAYS if packages else ()), *(module for package in packages for module in PRELOADED[package])]
