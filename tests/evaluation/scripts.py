"""A solution that learns nothing and scores well."""

SCRIPT = """# %% all
import pandas as pd
train, test = pd.read_csv("input/train.csv"), pd.read_csv("input/test.csv")
sample = pd.read_csv("input/sample_submission.csv")
sample["diagnosis"] = (test["mean_radius"].rank() / len(test)).to_numpy()
sample.to_csv("submission.csv", index=False)
"""
