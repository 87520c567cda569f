# The metric counts rare classes as much as frequent ones: divide by a power of the class's share before the largest is taken. The
# power is fitted on the training rows; 0 is the plain argmax, 1 the optimum for balanced accuracy.
from sklearn.metrics import balanced_accuracy_score, f1_score, matthews_corrcoef

score = {
    "balanced_accuracy": balanced_accuracy_score,
    "f1_macro": lambda actual, predicted: f1_score(actual, predicted, average="macro"),
    "mcc": matthews_corrcoef,
}[METRIC]
share = np.bincount(y, minlength=len(CLASSES)).clip(min=1) / len(y)
powers = np.linspace(0, 1.2, 13)
power = max(powers, key=lambda power: (score(y, (Z_train / share**power).argmax(axis=1)), -power))
print(f"power of the class shares: {power:.1f}")
prediction = (Z_test / share**power).argmax(axis=1)
