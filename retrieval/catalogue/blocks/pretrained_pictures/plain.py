# name: plain
# plan: I take a pretrained network of pictures from this machine as it is, describe each picture and its mirror image by its last layer, and fit a linear model on that.
import timm
import torch
from PIL import Image
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import FunctionTransformer, StandardScaler

torch.set_num_threads(THREADS)
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
backbone = timm.create_model(f"hf-hub:{PICTURE_WEIGHTS}", pretrained=True, num_classes=0).to(DEVICE).eval()
settings = timm.data.resolve_model_data_config(backbone)
largest = settings["input_size"][-1]
pixel = 2.5e-9 * sum(weights.numel() for weights in backbone.parameters()) / 50  # seconds of a picture's pixel on a thread, about
affordable = 0.25 * SECONDS * THREADS / (pixel * len(data))
side = largest if DEVICE == "cuda" else int(np.clip(np.sqrt(affordable) // 32 * 32, 64, largest))
centre, spread = (torch.tensor(settings[name]).view(1, 3, 1, 1) for name in ("mean", "std"))


def opened_pictures(place, pattern, frame):
    """Each row's picture, one after the other; what is no picture is black."""
    opener, names = members_of(place, pattern)
    for key in frame[re.search(r"\{(.+)\}", pattern)[1]].astype(str):
        try:
            with opener(names[key]) as file:
                yield np.asarray(Image.open(file).convert("RGB").resize((side, side), Image.BICUBIC))
        except (OSError, KeyError):
            yield np.zeros((side, side, 3), dtype=np.uint8)


@torch.no_grad()
def describe(pictures):
    batch = (torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255 - centre) / spread
    with torch.autocast(DEVICE, enabled=DEVICE == "cuda"):
        said = [backbone(way.to(DEVICE)).float().cpu() for way in (batch, batch.flip(3))]
    return ((said[0] + said[1]) / 2).numpy()


described_pictures, waiting = [], []
for (place, pattern), frame in zip(PICTURES, (train, test)):
    for picture in opened_pictures(place, pattern, frame):
        waiting.append(picture)
        if len(waiting) == 64:
            described_pictures.append(describe(waiting))
            waiting = []
if waiting:
    described_pictures.append(describe(waiting))
described_pictures = np.concatenate(described_pictures)
on_pretrained = LogisticRegression(C=0.03, max_iter=300) if LEARN_CLASSES else Ridge(alpha=300.0)
models["pretrained pictures"] = make_pipeline(FunctionTransformer(lambda frame: described_pictures[frame.index]), StandardScaler(), on_pretrained)
