"""Templates of containers for work pools, and what brings up a whole site."""
