# name: plain
# plan: I take a pretrained language model from this machine as it is, describe each text by the mean of what it says of the text's words, and fit a linear model on that.
import torch
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()
torch.set_num_threads(THREADS)
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
tokenizer = AutoTokenizer.from_pretrained(TEXT_WEIGHTS)
encoder = AutoModel.from_pretrained(TEXT_WEIGHTS).to(DEVICE).eval()
token = 1e-10 * sum(weights.numel() for name, weights in encoder.named_parameters() if "embeddings" not in name)  # seconds on a thread, about
tokens = 256 if DEVICE == "cuda" else int(np.clip(0.5 * SECONDS * THREADS / (token * len(data) * len(texts)), 16, 256))


@torch.no_grad()
def describe(values):
    """The mean of what the language model says of each text's first words: rows × numbers."""
    described = np.zeros((len(values), encoder.config.hidden_size), dtype=np.float32)
    for rows in np.array_split(np.argsort([-len(value) for value in values]), -(-len(values) // 64)):
        batch = tokenizer([values[row] for row in rows], padding=True, truncation=True, max_length=tokens, return_tensors="pt").to(DEVICE)
        with torch.autocast(DEVICE, enabled=DEVICE == "cuda"):
            said = encoder(**batch).last_hidden_state.float()
        counted = batch["attention_mask"][..., None]
        described[rows] = ((said * counted).sum(1) / counted.sum(1)).cpu().numpy()
    return described


described_texts = np.hstack([describe(data[column].tolist()) for column in texts])
pretrained = LogisticRegression(C=0.03, max_iter=300) if LEARN_CLASSES else Ridge(alpha=300.0)
models["pretrained texts"] = make_pipeline(FunctionTransformer(lambda frame: described_texts[frame.index]), StandardScaler(), pretrained)
