# name: plain
# plan: I fit a linear model on the surroundings of each pixel.
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

#> shared/pixel_regression


models["window, linear"] = PixelRegression(make_pipeline(StandardScaler(), Ridge(alpha=1.0)))
