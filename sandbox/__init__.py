"""Runners: what executes a script on a view, within limits, and leaves no process of it behind.

`LocalRunner` runs scripts as plain processes of this machine's user. It limits and observes them and keeps this process's secrets and the
views from them, but it is no cage: a hostile script can read what the user can read. Further runners keep the same face.
"""

from sandbox.local import LocalRunner
from sandbox.runner import ExecutionResult, InfrastructureError, Job, Limits, Runner

__all__ = ["ExecutionResult", "InfrastructureError", "Job", "Limits", "LocalRunner", "Runner"]
