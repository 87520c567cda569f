# name: threshold
# plan: I choose the threshold between the two classes by inner cross-validation, for the metric at hand, instead of one half.
# needs: {task: binary, prediction: label, several: false}
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, matthews_corrcoef
from sklearn.model_selection import StratifiedKFold

measures = {"f1": f1_score, "balanced_accuracy": balanced_accuracy_score, "mcc": matthews_corrcoef}
quality = measures.get(METRIC, accuracy_score)
positive = CLASSES.index(POSITIVE_CLASS) if POSITIVE_CLASS in CLASSES else 1
inner = np.zeros(len(X))
for kept, left_out in StratifiedKFold(4, shuffle=True, random_state=SEED).split(X, y):
    inner[left_out] = fit_predict(X.iloc[kept], y[kept], X.iloc[left_out])[:, positive]
grid = np.linspace(0.1, 0.9, 161)
curve = np.array([quality(y == positive, inner >= cut) for cut in grid])
smooth = np.convolve(np.pad(curve, 5, mode="edge"), np.full(11, 1 / 11), mode="valid")  # a single peak may be luck
threshold = grid[smooth.argmax()]
decision = np.where(prediction[:, positive] >= threshold, positive, 1 - positive)
