"""Runners: what executes a script on a view, within limits, and leaves no process of it behind.

`best_runner` gives the strongest that the machine allows. `ForkserverRunner` and `BubblewrapRunner` put each script into a cage; the former
starts it from a process that has already imported what it imports. `LocalRunner` runs scripts as plain processes of this machine's
user: it limits and observes them and keeps this process's secrets and the views from them, but a hostile script can read what the
user can read. `docker_runner` gives one that runs each script in a container. All keep the same face.
"""

from sandbox.choice import REMEDY, DescribedRunner, Isolation, best_runner, docker_runner
from sandbox.isolated import BubblewrapRunner, ForkserverRunner
from sandbox.local import LocalRunner
from sandbox.runner import ExecutionResult, InfrastructureError, Job, Limits, Runner

__all__ = [
    "REMEDY",
    "BubblewrapRunner",
    "DescribedRunner",
    "ExecutionResult",
    "ForkserverRunner",
    "InfrastructureError",
    "Isolation",
    "Job",
    "Limits",
    "LocalRunner",
    "Runner",
    "best_runner",
    "docker_runner",
]
