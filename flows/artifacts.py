"""What the Prefect UI shows of a run: artifacts, each a picture of the journal at that moment."""

import asyncio
import os
import re
from contextlib import suppress
from time import monotonic
from urllib.parse import quote

import httpx
from prefect import get_run_logger
from prefect.artifacts import acreate_link_artifact, acreate_markdown_artifact, acreate_table_artifact
from prefect.exceptions import PrefectException

from flows.picture import ablation_picture
from journal import Candidate, Evaluation, Run, Studied, Study
from reports import ablation_markdown, progress_markdown, scores_table, write_ablation_report

PROGRESS_SECONDS = 10.0
"""Between two versions of the progress artifact, at least."""


REPORTS_URL = "MLESTAR_REPORTS_URL"
SERVED_BY_DEFAULT = "http://127.0.0.1:8060"
"""Where `mlestar serve` shows the run folders, unless told otherwise."""


def report_url(run: Run) -> str:
    """Of a run's page, below MLESTAR_REPORTS_URL: where the folder of all runs is served, by `mlestar serve` or any static host."""
    base = os.environ.get(REPORTS_URL) or SERVED_BY_DEFAULT
    return f"{base.rstrip('/')}/{quote(run.folder.parent.name)}/{quote(run.folder.name)}/report.html"


def artifact_key(kind: str, name: str) -> str:
    """Prefect takes lowercase letters, digits and dashes only."""
    return f"{kind}-{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}"


class Artifacts:
    """Publishes what has happened since the last time, beside the run: the server may be slow or away, no step waits for it."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._began = -PROGRESS_SECONDS
        self._publication: asyncio.Task[None] | None = None
        self._studies: list[Study] = []

    def study(self, study: Study) -> None:
        """An ablation study is concluded: its report goes into the run folder now, to the server with the next publication."""
        write_ablation_report(self.run, study, self.run.folder / "ablations" / f"{study.number:02d}")
        self._studies.append(study)

    async def progress(self, candidate: Candidate, evaluation: Evaluation) -> None:
        """Called after every evaluation: a line of the log, and now and then a publication is begun."""
        score = "no score" if evaluation.score is None else f"{self.run.info.metric} {evaluation.score:.6g}"
        name = f"{candidate.number:04d} {candidate.operator.value} · {candidate.title}"
        get_run_logger().info("%s: %s, %s, %.1f s", name, score, evaluation.status.value, evaluation.seconds)
        if monotonic() - self._began >= PROGRESS_SECONDS and (self._publication is None or self._publication.done()):
            self._began = monotonic()
            self._publication = asyncio.create_task(self.publish())

    async def close(self, patience: float | None = None) -> None:
        """The last publication: how the run ended. A cancelled run has `patience` seconds for it before it is killed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                if self._publication is not None:
                    await self._publication
                self._studies = [entry.study for entry in self.run.entries(Studied)]  # once more, with what their refinements gained
                await self.publish()

    async def publish(self) -> None:
        """The ablation reports since the last time, the table of scores, and the progress; what a server misses comes the next time."""
        try:
            await self._publish()
        except (httpx.HTTPError, PrefectException) as error:  # the artifacts are a picture of the journal, which has it all
            get_run_logger().warning("the artifacts could not be published: %s", error)

    async def _publish(self) -> None:
        name = self.run.info.competition
        while self._studies:
            study = self._studies[0]
            text = f"{ablation_markdown(self.run, study)}\n{ablation_picture(self.run, study)}"
            await acreate_markdown_artifact(
                text, key=artifact_key("ablation", name), description=f"Ablation study {study.number} of {self.run.info.id}"
            )
            self._studies.remove(study)
        await acreate_table_artifact(
            scores_table(self.run), key=artifact_key("scores", name), description=f"Candidates of {self.run.info.id}"
        )
        await acreate_markdown_artifact(progress_markdown(self.run), key=artifact_key("progress", name), description=self.run.info.id)
        await acreate_link_artifact(
            report_url(self.run),
            key=artifact_key("report", name),
            link_text="the whole report",
            description=f"{self.run.info.id}, served by `mlestar serve`",
        )
