# name: plain
# plan: I train a small residual convolutional network on shifted and mirrored pictures, with a one-cycle learning rate, and average what it says of each picture and its mirror image.
import torch
from sklearn.base import BaseEstimator
from torch import nn

torch.set_num_threads(THREADS)
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def all_pictures():
    """rows of train and test × channels × height × width, as bytes."""
    if not PICTURES:
        pixels = [c for c in columns if c in data and pd.api.types.is_numeric_dtype(data[c])][: IMAGE_SHAPE[0] * IMAGE_SHAPE[1]]
        grey = data[pixels].fillna(0).to_numpy(dtype=np.float32)
        return np.round(grey * (255 / max(float(grey.max()), 1e-9))).astype(np.uint8).reshape(-1, 1, *IMAGE_SHAPE)
    from PIL import Image

    found, side = [], None
    for (place, pattern), table in zip(PICTURES, (train, test)):
        opened, names = members_of(place, pattern)
        for key in table[re.search(r"\{(.+)\}", pattern)[1]].astype(str):
            try:
                with opened(names[key]) as file:
                    picture = Image.open(file)
                    if side is None:
                        largest = max(picture.size)
                        side = largest if largest <= 48 else 96 if len(train) <= 4000 else 64
                    picture.draft("RGB", (2 * side, 2 * side))
                    found.append(np.asarray(picture.convert("RGB").resize((side, side), Image.BILINEAR)).transpose(2, 0, 1))
            except (OSError, KeyError):
                found.append(None)
    side = side or 32
    return np.stack([np.zeros((3, side, side), dtype=np.uint8) if one is None else one for one in found])


picture_bytes = torch.from_numpy(all_pictures())


class Residual(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU())
        self.second = nn.Sequential(nn.Conv2d(after, after, 3, 1, 1, bias=False), nn.BatchNorm2d(after))
        self.skip = nn.Conv2d(before, after, 1, stride, bias=False)

    def forward(self, x):
        return torch.relu(self.second(self.first(x)) + self.skip(x))


#> shared/learns_target


class Convolutions(LearnsTarget, BaseEstimator):
    """X tells by its index which pictures are meant. The number of passes follows from the work and SECONDS, not from the clock."""

    def __init__(self, width=16, rate=0.01, shift=0.1, mirrored=True, upside_down=False, most_passes=24, random_state=SEED):
        self.width, self.rate, self.shift, self.mirrored, self.upside_down = width, rate, shift, mirrored, upside_down
        self.most_passes, self.random_state = most_passes, random_state

    def fit(self, X, y):
        torch.manual_seed(self.random_state)
        truth, outputs = self._truth(y)
        channels, height, width = picture_bytes.shape[1:]
        strides, passes = self._plan(len(X), height, width, 1)
        coarse = passes < 10 and min(height, width) >= 24  # then more passes over half as many pixels a side tell more
        if coarse:
            strides, passes = self._plan(len(X), height, width, 2)
        sizes = [self.width * 2 ** min(level, 3) for level in range(len(strides))]
        body = [Residual(a, b, stride) for a, b, stride in zip([self.width, *sizes], sizes, strides)]
        stem = nn.Sequential(nn.Conv2d(channels, self.width, 3, 1 + coarse, 1, bias=False), nn.BatchNorm2d(self.width), nn.ReLU())
        head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(sizes[-1], outputs))
        self.network = nn.Sequential(stem, *body, head).to(DEVICE).to(memory_format=torch.channels_last)
        batch = 64 if len(X) > 2000 else 32
        optimizer = torch.optim.AdamW(self.network.parameters(), lr=self.rate, weight_decay=0.02)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, self.rate, total_steps=passes * -(-len(X) // batch))
        rows = torch.tensor(X.index.to_numpy())
        for _ in range(passes):
            self.network.train()
            for chosen in torch.randperm(len(rows)).split(batch):
                out = self._out(self._varied(picture_bytes[rows[chosen]]))
                wanted = truth[chosen].to(DEVICE)
                loss = nn.functional.cross_entropy(out, wanted) if LEARN_CLASSES else nn.functional.mse_loss(out[:, 0], wanted)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
        return self

    def _plan(self, rows, height, width, step):
        """(strides of the blocks, passes that there is time for), where the first layer looks at every so many pixels."""
        strides = [1] + [2] * max(1, round(np.log2(min(height, width) / step / 5)))
        seconds = rows * height * width / step**2 * self.width**2 * 2.5e-9 * len(strides)  # of a pass, about, on one thread
        return strides, self.most_passes if DEVICE == "cuda" else int(np.clip(SECONDS * THREADS / seconds, 3, self.most_passes))

    def predict_proba(self, X):
        return np.mean([torch.softmax(out, 1).numpy() for out in self._views(X)], axis=0)

    def predict(self, X):
        return np.mean([out[:, 0].numpy() for out in self._views(X)], axis=0) * self.spread + self.centre

    def _out(self, pictures):
        pictures = (pictures.to(DEVICE).float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
        with torch.autocast(DEVICE, enabled=DEVICE == "cuda"):
            return self.network(pictures).float()

    def _varied(self, pictures):
        height, width = pictures.shape[2:]
        most = [max(1, int(self.shift * length)) for length in (height, width)]
        down, right = (int(torch.randint(-far, far + 1, (1,))) for far in most)
        pictures = torch.roll(pictures, (down, right), dims=(2, 3))
        if self.mirrored and torch.rand(1) < 0.5:
            pictures = pictures.flip(3)
        return pictures.flip(2) if self.upside_down and torch.rand(1) < 0.5 else pictures

    @torch.no_grad()
    def _views(self, X):
        self.network.eval()
        ways = [[]] + [[3]] * self.mirrored + [[2]] * self.upside_down + [[2, 3]] * (self.mirrored and self.upside_down)
        rows = torch.tensor(X.index.to_numpy())
        return [torch.cat([self._out(picture_bytes[part].flip(way)).cpu() for part in rows.split(256)]) for way in ways]


models["convolutions"] = Convolutions(width=16, rate=0.01, shift=0.1, mirrored=bool(PICTURES), upside_down=False, most_passes=24)
