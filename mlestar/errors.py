"""What a user can do wrong at the public face."""


class UserError(ValueError):
    """One line that says which argument is wrong, its value, and the remedy; the command line prints it and exits with 2."""
