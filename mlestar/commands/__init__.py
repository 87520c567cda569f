"""The commands of `mlestar`, a few to a file. Heavy things are imported inside the functions: `mlestar --help` must be quick."""
