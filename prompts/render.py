"""Rendering a template of this folder."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, UndefinedError

FOLDER = Path(__file__).parent


class PromptError(ValueError):
    """There is no such template, or it asks for a value that was not given."""


def template_names() -> tuple[str, ...]:
    """The templates by name, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.md")))


def render(name: str, **values: object) -> str:
    """The template with its values filled in.

    Raises:
        PromptError: naming the template and the value that is missing.
    """
    try:
        return _environment().get_template(f"{name}.md").render(**values)
    except TemplateNotFound as error:
        raise PromptError(f"prompts/{name}.md: there is no such template; there are: {', '.join(template_names())}") from error
    except UndefinedError as error:
        raise PromptError(f"prompts/{name}.md: {error}") from error


@cache
def _environment() -> Environment:
    # Markdown for a model or a terminal, never HTML: nothing is to be escaped.
    return Environment(loader=FileSystemLoader(FOLDER), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
