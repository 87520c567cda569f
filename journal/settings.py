"""The parameters of a run."""

from typing import Literal

from pydantic import Field

from journal.record import Record


class Settings(Record):
    """The parameters of a run, as given by its user; the defaults of the search are the paper's (section 4)."""

    seed: int = Field(0, description="of the search and of the scripts: the same seed gives the same search")
    policy: str = Field("mle-star", description="what decides which candidate is tried next: a name, or a Python file that registers one")
    policy_options: tuple[str, ...] = Field((), description="name=value, over the policy's own parameters")
    model: str | None = Field(None, description="LangChain chat model, 'provider:name'; none: the built-in recipes")
    base_url: str | None = Field(None, description="where the model is served; none: at its provider")
    planner: str | None = Field(None, description="model of the plans; none: `model`")
    coder: str | None = Field(None, description="model of the code; none: `model`")
    judge: str | None = Field(None, description="model of the reviews; none: `model`")
    max_cost: float | None = Field(None, gt=0, description="US dollars that the models may cost")
    max_tokens: int | None = Field(None, gt=0, description="tokens, of prompts and answers together, that the models may take")
    answer_tokens: int = Field(16_000, ge=256, description="tokens of one answer at most")
    answer_seconds: float = Field(600.0, gt=0, description="wall-clock of one answer, the client's retries included")
    recipes: bool = Field(True, description="with a model: the first draft is a recipe, and recipes are further model cards")
    data_samples: bool = Field(True, description="false: prompts hold no cell of the data")
    models: int = Field(4, ge=1, description="M: model cards a track drafts")
    outer_steps: int = Field(4, ge=0, description="T: ablation studies a track")
    inner_steps: int = Field(4, ge=1, description="K: refinements of one target, the first plan included")
    tracks: int = Field(2, ge=1, description="L: parallel solutions")
    ensemble_rounds: int = Field(5, ge=0, description="R: ensemble proposals")
    batch: int = Field(1, ge=1, description="actions at once (mle-star: drafts); belongs to the search, not to the machine")
    debug_rounds: int = Field(2, ge=0, description="D: repairs tried for one broken candidate")
    seconds: float | None = Field(None, gt=0, description="wall-clock of the run")
    evaluations: int | None = Field(None, ge=1, description="evaluations of the run; ablation variants and ensembles count")
    script_seconds: float = Field(600.0, gt=0, description="wall-clock of one execution")
    script_memory: int = Field(8 * 2**30, gt=0, description="bytes of memory of one execution")
    folds: int | None = Field(None, ge=1, description="folds of the validation; none: by the size of the data")
    search_rows: int = Field(30_000, ge=100, description="training rows of the search view at most")
    isolation: Literal["auto", "required", "none"] = Field("auto", description="the strongest cage there is, a cage or nothing, no cage")
    runner: Literal["auto", "docker", "workers"] = Field(
        "auto", description="who executes scripts: this machine, its Docker engine, or `mlestar worker` processes"
    )
    image: str = Field("mlestar-candidate", description="docker: the image that scripts run in")
    python: str | None = Field(None, description="the candidates' interpreter; none: the one that mlestar runs on")
    storage: str | None = Field(None, description="of the workers: a shared folder or an fsspec URL through which everything travels")
    racing: bool = Field(True, description="stop a draft, refinement or improvement that will hardly be better, by its first folds")
    store: bool = Field(True, description="false: nothing is taken from earlier runs' results, as a fair comparison of times must")
    slots: int | None = Field(None, ge=1, description="executions at once; none: one a share of the cores")
    threads: int = Field(1, ge=1, description="threads of one execution")
    search: str = Field("auto", description="where models are looked for: auto (Tavily where its key is there), none, tavily, arxiv")
    exclude_domains: tuple[str, ...] = Field((), description="domains whose documents are left out of what is found")
    blind_search: bool = Field(False, description="leave out documents that name the competition itself, as an honest benchmark must")
    approve: Literal["nothing", "targets", "plans"] = Field(
        "nothing", description="what a person is asked for: the model cards and every target; every plan, too"
    )
    allow_downloads: bool = Field(
        False,
        description="fetch the pretrained weights that model cards name from Hugging Face, before the first script and outside the cage",
    )
    note: str = Field("", description="a remark for the run's record")
