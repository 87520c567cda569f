# name: plain
import os
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

warnings.filterwarnings("ignore")
THREADS = int(os.environ.get("OMP_NUM_THREADS", 1))
models = {}  # every model cell adds one; the predictions of all are averaged
LEARN_CLASSES = bool(CLASSES)  # the models learn classes, or else numbers
