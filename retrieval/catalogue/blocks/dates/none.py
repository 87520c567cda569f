# name: none
# title: without date parts
# plan: I drop the date columns.
# The dates are not used.
data = data.drop(columns=DATE_COLUMNS, errors="ignore")
