"""`policies`: what `--policy` takes, with the parameters that `--policy-option` takes."""

import typer

from mlestar.options import AsJson


def policies(as_json: AsJson = False) -> None:
    """List the search policies and their parameters."""
    from mlestar.formats import print_json
    from policies import policy_names, policy_parameters

    found = {name: policy_parameters(name) for name in policy_names()}
    if as_json:
        print_json({name: parameters.model_dump(mode="json") for name, parameters in found.items()})
        return
    for name, parameters in found.items():
        typer.echo(name)
        for key, field in type(parameters).model_fields.items():
            typer.echo(f"    {f'{key}={getattr(parameters, key)}'.lower():<26}{field.description or ''}".rstrip())
