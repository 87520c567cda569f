# name: none
# title: without marks of missing values
# plan: I leave missing values to the models.
# Missing values are left to the models.
