# name: plain
# plan: I fit a small neural network with two hidden layers on scaled numbers and one-hot categories, with weight decay, for 30 passes.
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import OneHotEncoder, StandardScaler


class StandardisedTarget(MLPRegressor):
    """A network that learns the standardised target."""

    def fit(self, X, y):
        self.centre_, self.width_ = np.mean(y), np.std(y) or 1.0
        return super().fit(X, (y - self.centre_) / self.width_)

    def predict(self, X):
        return super().predict(X) * self.width_ + self.centre_


network_input = make_column_transformer(
    (make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()), numeric),
    (OneHotEncoder(handle_unknown="ignore", sparse_output=False), categorical),
)
network = (MLPClassifier if LEARN_CLASSES else StandardisedTarget)(
    hidden_layer_sizes=(64, 32),
    alpha=1.0,
    learning_rate_init=0.003,
    max_iter=30,
    batch_size=min(128, len(X)),
    random_state=SEED,
)
models["neural network"] = make_pipeline(network_input, network)
