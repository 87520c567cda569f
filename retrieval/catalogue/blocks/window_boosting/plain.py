# name: plain
# plan: I fit histogram gradient boosting on the surroundings of each pixel.
from sklearn.ensemble import HistGradientBoostingRegressor

#> shared/pixel_regression


models["window, boosting"] = PixelRegression(
    HistGradientBoostingRegressor(max_iter=300, learning_rate=0.1, max_leaf_nodes=63, min_samples_leaf=40, early_stopping=False, random_state=SEED)
)
