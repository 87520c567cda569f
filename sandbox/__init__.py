"""Runners: what executes a script on a view, within limits, and leaves no process of it behind.

`BubblewrapRunner` puts each script into a cage. `LocalRunner` runs scripts as plain processes of this machine's user: it limits and observes
them and keeps this process's secrets and the views from them, but a hostile script can read what the user can read. All keep the same
face.
"""

from sandbox.isolated import BubblewrapRunner, ForkserverRunner
from sandbox.local import LocalRunner
from sandbox.runner import ExecutionResult, InfrastructureError, Job, Limits, Runner

__all__ = ["BubblewrapRunner", "ExecutionResult", "ForkserverRunner", "InfrastructureError", "Job", "Limits", "LocalRunner", "Runner"]
