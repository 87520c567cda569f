# name: expected grade
# plan: I treat the classes as grades and choose the one nearest to the expected grade.
# needs: {metric: quadratic_weighted_kappa, several: false}
grades = np.array([float(label) for label in CLASSES])
decision = np.abs((prediction @ grades)[:, None] - grades).argmin(axis=1)
