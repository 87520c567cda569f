"""Prompts: one Markdown template each, rendered with undefined variables as errors."""

from prompts.render import PromptError, render, template_names

__all__ = ["PromptError", "render", "template_names"]
