"""Answers to notebook 3 that its checks are tested on. Each cell runs after the solution and replaces functions of it."""
# ruff: noqa

# %% exercise="pca_codes" wrong="not centred"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    basis = torch.linalg.svd(X, full_matrices=False).Vh[:k]
    return X @ basis.T, basis, X.mean(0)

# %% exercise="pca_codes" wrong="directions of centred data, codes of data that is not"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    basis = torch.linalg.svd(X - mean, full_matrices=False).Vh[:k]
    return X @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="the smallest first"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    basis = torch.linalg.eigh((X - mean).T @ (X - mean)).eigenvectors.T[:k]
    return (X - mean) @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="the largest k, the smallest of them first"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    basis = torch.linalg.eigh((X - mean).T @ (X - mean)).eigenvectors.T[-k:]
    return (X - mean) @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="basis in columns"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    basis = torch.linalg.svd(X - mean, full_matrices=False).Vh[:k].T
    return (X - mean) @ basis, basis, mean

# %% exercise="pca_codes" wrong="V taken for its transpose"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    basis = torch.linalg.svd(X - mean, full_matrices=False).Vh.T[:k]
    return (X - mean) @ torch.linalg.pinv(basis)[:, :k], basis, mean

# %% exercise="pca_codes" wrong="codes without their spread"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    U, S, Vh = torch.linalg.svd(X - mean, full_matrices=False)
    return U[:, :k], Vh[:k], mean

# %% exercise="pca_codes" wrong="standardised columns"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    Z = (X - mean) / X.std(0)
    basis = torch.linalg.svd(Z, full_matrices=False).Vh[:k]
    return Z @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="codes of the other sign"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    basis = torch.linalg.svd(X - mean, full_matrices=False).Vh[:k]
    return (mean - X) @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="one mean for all columns"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean().expand(X.shape[1])
    basis = torch.linalg.svd(X - mean, full_matrices=False).Vh[:k]
    return (X - mean) @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="mean with a dimension too many"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean(0, keepdim=True)
    basis = torch.linalg.svd(X - mean, full_matrices=False).Vh[:k]
    return (X - mean) @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="any k"
def pca_codes(X, k):
    mean = X.mean(0)
    basis = torch.linalg.svd(X - mean, full_matrices=False).Vh[:k]
    return (X - mean) @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="k compared with the larger side"
def pca_codes(X, k):
    if not 1 <= k <= max(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    basis = torch.linalg.svd(X - mean, full_matrices=False).Vh[:k]
    return (X - mean) @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="the last component refused"
def pca_codes(X, k):
    if not 1 <= k < min(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    basis = torch.linalg.svd(X - mean, full_matrices=False).Vh[:k]
    return (X - mean) @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="Gram matrix, divided by a spread that may be zero"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    Z = X - mean
    values, vectors = torch.linalg.eigh(Z @ Z.T)
    basis = (vectors.flip(1)[:, :k].T @ Z) / values.flip(0)[:k, None].clamp_min(0).sqrt()
    return Z @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="median instead of mean"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.median(0).values
    basis = torch.linalg.svd(X - X.mean(0), full_matrices=False).Vh[:k]
    return (X - mean) @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="basis scaled by the singular values"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    U, S, Vh = torch.linalg.svd(X - mean, full_matrices=False)
    basis = S[:k, None] * Vh[:k]
    return U[:, :k], basis, mean

# %% exercise="pca_codes" wrong="an assertion instead of a ValueError"
def pca_codes(X, k):
    assert 1 <= k <= min(X.shape)
    mean = X.mean(0)
    basis = torch.linalg.svd(X - mean, full_matrices=False).Vh[:k]
    return (X - mean) @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="a random low-rank approximation"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError(f"k = {k}")
    U, S, V = torch.pca_lowrank(X, q=k)
    return U * S, V.T, X.mean(0)

# %% exercise="pca_codes" right="eigenvectors of the covariance"
def pca_codes(X, k):
    n, d = X.shape
    if k < 1 or k > n or k > d:
        raise ValueError("no such number of components")
    mean = X.sum(0) / n
    centred = X - mean
    covariance = centred.T @ centred / n
    basis = torch.linalg.eigh(covariance)[1].flip(-1)[:, :k].T
    return torch.einsum("nd,kd->nk", centred, basis), basis, mean

# %% exercise="pca_codes" right="numpy, other signs"
def pca_codes(X, k):
    import numpy
    if k not in range(1, min(X.shape) + 1):
        raise ValueError(k)
    A = X.numpy()
    U, S, Vh = numpy.linalg.svd(A - A.mean(axis=0), full_matrices=False)
    U, Vh = -U, -Vh
    return torch.from_numpy(U[:, :k] * S[:k]), torch.from_numpy(Vh[:k]), torch.from_numpy(A.mean(axis=0))

# %% exercise="pca_codes" right="deflation by power iteration in float64"
def pca_codes(X, k):
    if not 0 < k <= min(X.shape):
        raise ValueError("k must be positive, and at most n and d")
    mean = X.double().mean(0)
    centred = X.double() - mean
    basis = torch.zeros(0, X.shape[1], dtype=torch.float64)
    for i in range(k):
        v = torch.cos(torch.arange(X.shape[1], dtype=torch.float64) * (i + 1.3) ** 2)
        for _ in range(400):
            w = centred.T @ (centred @ v)
            w = w - basis.T @ (basis @ w)
            if w.norm() > 1e-9 * centred.norm() ** 2 * v.norm():
                v = w
            v = v - basis.T @ (basis @ v)
            v = v / v.norm()
        basis = torch.cat([basis, v[None]])
    return ((centred @ basis.T).to(X), basis.to(X), mean.to(X))

# %% exercise="auto_encoder" wrong="code through ReLU"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def forward(self, images):
        return super().forward(images).relu()

# %% exercise="auto_encoder" wrong="code through tanh"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def forward(self, images):
        return super().forward(images).tanh()

# %% exercise="auto_encoder" wrong="code normalised"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def forward(self, images):
        return F.normalize(super().forward(images), dim=-1)

# %% exercise="auto_encoder" wrong="stride by pooling"
class ImageEncoder(nn.Module):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__()
        widths = [channels, width, 2 * width, 4 * width]
        self.steps = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in pairwise(widths))
        self.last = nn.Linear(4 * width * math.ceil(size / 8) ** 2, code_length)
    def forward(self, images):
        x = images.reshape(-1, *images.shape[-3:]).permute(0, 3, 1, 2)
        for step in self.steps:
            x = F.max_pool2d(step(x).relu(), 2, ceil_mode=True)
        return self.last(x.flatten(1)).reshape(*images.shape[:-3], -1)

# %% exercise="auto_encoder" wrong="no padding"
class ImageEncoder(nn.Module):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__()
        widths = [channels, width, 2 * width, 4 * width]
        layers = []
        for a, b in pairwise(widths):
            layers += [nn.Conv2d(a, b, 3, stride=2), nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.LazyLinear(code_length))
        self.layers(torch.zeros(1, channels, 16 if size < 16 else size, 16 if size < 16 else size))
    def forward(self, images):
        codes = self.layers(images.reshape(-1, *images.shape[-3:]).movedim(-1, 1))
        return codes.reshape(*images.shape[:-3], -1)

# %% exercise="auto_encoder" wrong="same width in all layers"
class ImageEncoder(nn.Module):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, width, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(width, width, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(width, width, 3, stride=2, padding=1), nn.ReLU(),
            nn.Flatten(), nn.Linear(width * math.ceil(size / 8) ** 2, code_length),
        )
    def forward(self, images):
        codes = self.layers(images.reshape(-1, *images.shape[-3:]).movedim(-1, 1))
        return codes.reshape(*images.shape[:-3], -1)

# %% exercise="auto_encoder" wrong="flattened channels last"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def forward(self, images):
        x = images.reshape(-1, *images.shape[-3:]).movedim(-1, 1)
        x = self.layers[:6](x)
        codes = self.layers[7](x.movedim(1, -1).flatten(1))
        return codes.reshape(*images.shape[:-3], -1)

# %% exercise="auto_encoder" wrong="no ReLU after the last convolution"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        del self.layers[5]

# %% exercise="auto_encoder" wrong="leaky ReLU"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for i in (1, 3, 5):
            self.layers[i] = nn.LeakyReLU(0.01)

# %% exercise="auto_encoder" wrong="GELU"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for i in (1, 3, 5):
            self.layers[i] = nn.GELU()

# %% exercise="auto_encoder" wrong="batch normalisation"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__(channels, size, code_length, width)
        self.layers.insert(1, nn.BatchNorm2d(width))

# %% exercise="auto_encoder" wrong="batch normalisation without parameters"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        if codes.ndim > 1 and len(codes) > 1:
            codes = (codes - codes.mean(0)) / (codes.std(0) + 1e-5)
        return super().forward(codes)

# %% exercise="auto_encoder" wrong="dropout"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers.insert(7, nn.Dropout(0.2))

# %% exercise="auto_encoder" wrong="images taken for channels first"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def forward(self, images):
        shape = (-1, images.shape[-1], *images.shape[-3:-1])
        return self.layers(images.reshape(shape)).reshape(*images.shape[:-3], -1)

# %% exercise="auto_encoder" wrong="rows and columns exchanged"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def forward(self, images):
        return super().forward(images.transpose(-3, -2))

# %% exercise="auto_encoder" wrong="sides rounded down"
class ImageEncoder(nn.Module):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, width, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(width, 2 * width, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(2 * width, 4 * width, 3, stride=2, padding=1), nn.ReLU(),
            nn.Flatten(), nn.Linear(4 * width * (size // 8) ** 2, code_length),
        )
    def forward(self, images):
        codes = self.layers(images.reshape(-1, *images.shape[-3:]).movedim(-1, 1))
        return codes.reshape(*images.shape[:-3], -1)

# %% exercise="auto_encoder" wrong="one batch dimension only"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def forward(self, images):
        return self.layers(images.permute(0, 3, 1, 2))

# %% exercise="auto_encoder" wrong="sigmoid missing"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        return super().forward(codes).logit()

# %% exercise="auto_encoder" wrong="clamp instead of sigmoid"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        return super().forward(codes).logit().clamp(0, 1)

# %% exercise="auto_encoder" wrong="tanh, moved to 0 to 1"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        return super().forward(codes).logit().tanh() / 2 + 0.5

# %% exercise="auto_encoder" wrong="bilinear enlargement"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        x = self.start(codes.reshape(-1, codes.shape[-1]))
        for side, convolve in zip(self.sides, self.steps):
            x = convolve(F.interpolate(F.relu(x), size=(side, side), mode="bilinear"))
        return torch.sigmoid(x).movedim(1, -1).reshape(*codes.shape[:-1], side, side, -1)

# %% exercise="auto_encoder" wrong="zeros between the pixels"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        x = self.start(codes.reshape(-1, codes.shape[-1]))
        for side, convolve in zip(self.sides, self.steps):
            wide = x.new_zeros(*x.shape[:2], 2 * x.shape[2], 2 * x.shape[3])
            wide[..., ::2, ::2] = x.relu()
            x = convolve(wide[..., :side, :side])
        return torch.sigmoid(x).movedim(1, -1).reshape(*codes.shape[:-1], side, side, -1)

# %% exercise="auto_encoder" wrong="doubled each time, cropped at the end"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        x = self.start(codes.reshape(-1, codes.shape[-1]))
        for convolve in self.steps:
            x = convolve(F.interpolate(F.relu(x), scale_factor=2))
        side = self.sides[-1]
        x = x[..., :side, :side]
        return torch.sigmoid(x).movedim(1, -1).reshape(*codes.shape[:-1], side, side, -1)

# %% exercise="auto_encoder" wrong="resized at the end"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        x = self.start(codes.reshape(-1, codes.shape[-1]))
        for convolve in self.steps:
            x = convolve(F.interpolate(F.relu(x), scale_factor=2))
        side = self.sides[-1]
        x = F.interpolate(x, size=(side, side))
        return torch.sigmoid(x).movedim(1, -1).reshape(*codes.shape[:-1], side, side, -1)

# %% exercise="auto_encoder" wrong="ReLU after the enlargement only from the second step"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        x = self.start(codes.reshape(-1, codes.shape[-1]))
        for i, (side, convolve) in enumerate(zip(self.sides, self.steps)):
            x = F.interpolate(x.relu() if i else x, size=(side, side))
            x = convolve(x)
        return torch.sigmoid(x).movedim(1, -1).reshape(*codes.shape[:-1], side, side, -1)

# %% exercise="auto_encoder" wrong="transposed convolutions"
class ImageDecoder(nn.Module):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__()
        self.side = math.ceil(size / 8)
        self.start = nn.Linear(code_length, 4 * width * self.side**2)
        widths = [4 * width, 2 * width, width, channels]
        self.steps = nn.ModuleList(nn.ConvTranspose2d(a, b, 3, stride=2, padding=1, output_padding=1) for a, b in pairwise(widths))
        self.size = size
    def forward(self, codes):
        x = self.start(codes.reshape(-1, codes.shape[-1])).unflatten(-1, (-1, self.side, self.side))
        for step in self.steps:
            x = step(x.relu())
        x = x[..., : self.size, : self.size].sigmoid().movedim(1, -1)
        return x.reshape(*codes.shape[:-1], *x.shape[1:])

# %% exercise="auto_encoder" wrong="decoder flattened channels last"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        x = self.start[0](codes.reshape(-1, codes.shape[-1]))
        side = math.isqrt(x.shape[1] // self.steps[0].in_channels)
        x = x.reshape(-1, side, side, self.steps[0].in_channels).movedim(-1, 1)
        for side, convolve in zip(self.sides, self.steps):
            x = convolve(F.interpolate(F.relu(x), size=(side, side)))
        return torch.sigmoid(x).movedim(1, -1).reshape(*codes.shape[:-1], side, side, -1)

# %% exercise="auto_encoder" wrong="decoder without biases"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__(channels, size, code_length, width)
        widths = [4 * width, 2 * width, width, channels]
        self.steps = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1, bias=False) for a, b in pairwise(widths))

# %% exercise="auto_encoder" wrong="images channels first"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        return super().forward(codes).movedim(-1, -3)

# %% exercise="auto_encoder" wrong="first layer detached"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        x = self.start(codes.reshape(-1, codes.shape[-1])).detach()
        for side, convolve in zip(self.sides, self.steps):
            x = convolve(F.interpolate(F.relu(x), size=(side, side)))
        return torch.sigmoid(x).movedim(1, -1).reshape(*codes.shape[:-1], side, side, -1)

# %% exercise="auto_encoder" wrong="a second linear layer"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__(channels, size, code_length, width)
        self.layers.append(nn.ReLU())
        self.layers.append(nn.Linear(code_length, code_length))

# %% exercise="auto_encoder" right="loops over plain parameters"
class ImageEncoder(nn.Module):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__()
        def drawn(*shape):
            return nn.Parameter(0.1 * torch.randn(shape))
        c = [channels, width, 2 * width, 4 * width]
        side = size
        for _ in range(3):
            side = (side + 1) // 2
        self.out_w, self.out_b = drawn(code_length, c[3] * side * side), drawn(code_length)
        self.w = nn.ParameterList([drawn(c[i + 1], c[i], 3, 3) for i in range(3)])
        self.b = nn.ParameterList([drawn(c[i + 1]) for i in range(3)])
        self.register_buffer("calls", torch.zeros(()))
    def forward(self, images):
        *batch, h, w, c = images.shape
        x = images.reshape(math.prod(batch), h, w, c).permute(0, 3, 1, 2)
        for weight, bias in zip(self.w, self.b):
            x = F.conv2d(F.pad(x, (1, 1, 1, 1)), weight, bias, stride=2).clamp(min=0)
        x = x.reshape(len(x), -1) @ self.out_w.t() + self.out_b
        return x.reshape(*batch, x.shape[-1])
class ImageDecoder(nn.Module):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__()
        self.c3 = nn.Conv2d(width, channels, (3, 3), padding="same")
        self.c2 = nn.Conv2d(2 * width, width, (3, 3), padding="same")
        self.c1 = nn.Conv2d(4 * width, 2 * width, (3, 3), padding="same")
        self.size, self.width = size, width
        self.first = nn.Linear(code_length, 4 * width * (-(-size // 8)) ** 2)
    def forward(self, codes):
        s8, s4, s2 = (-(-self.size // n) for n in (8, 4, 2))
        x = self.first(codes).reshape(-1, 4 * self.width, s8, s8)
        for layer, side in ((self.c1, s4), (self.c2, s2), (self.c3, self.size)):
            x = x.relu().repeat_interleave(2, dim=-1).repeat_interleave(2, dim=-2)
            x = layer(x[:, :, :side, :side])
        x = 1 / (1 + torch.exp(-x))
        return x.permute(0, 2, 3, 1).reshape(*codes.shape[:-1], self.size, self.size, x.shape[1])

# %% exercise="auto_encoder" right="Sequential, upsampling modules, vmap"
class ImageEncoder(nn.Sequential):
    def __init__(self, channels, size, code_length, width=32):
        blocks = [nn.Sequential(nn.Conv2d(a, b, 3, 2, 1), nn.ReLU(inplace=True)) for a, b in ((channels, width), (width, width * 2), (width * 2, width * 4))]
        side = -(-(-(-(-(-size // 2)) // 2)) // 2)
        super().__init__(*blocks, nn.Flatten(0), nn.Linear(width * 4 * side * side, code_length))
    def forward(self, images):
        if images.ndim > 3:
            return torch.stack([self(image) for image in images])
        return super().forward(images.permute(2, 0, 1))
class ImageDecoder(nn.Module):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__()
        sides = [size]
        for _ in range(3):
            sides.insert(0, (sides[0] + 1) // 2)
        self.net = nn.Sequential(
            nn.Linear(code_length, 4 * width * sides[0] ** 2), nn.ReLU(), nn.Unflatten(1, (4 * width, sides[0], sides[0])),
            nn.Upsample((sides[1], sides[1])), nn.Conv2d(4 * width, 2 * width, 3, padding=1), nn.ReLU(),
            nn.Upsample((sides[2], sides[2])), nn.Conv2d(2 * width, width, 3, padding=1), nn.ReLU(),
            nn.Upsample((sides[3], sides[3])), nn.Conv2d(width, channels, 3, padding=1), nn.Sigmoid(),
        )
    def forward(self, codes):
        images = self.net(codes.reshape(-1, codes.shape[-1])).permute(0, 2, 3, 1)
        return images.view(codes.shape[:-1] + images.shape[1:])

# %% exercise="auto_encoder" right="convolution by unfold"
class _Conv(nn.Module):
    def __init__(self, a, b, stride):
        super().__init__()
        self.kernel, self.shift, self.stride = nn.Parameter(torch.randn(b, a, 3, 3) / 9), nn.Parameter(torch.zeros(b)), stride
    def forward(self, x):
        columns = F.unfold(x, 3, padding=1, stride=self.stride)
        y = torch.einsum("ok,bkn->bon", self.kernel.flatten(1), columns) + self.shift[:, None]
        side = (x.shape[-1] - 1) // self.stride + 1
        return y.unflatten(-1, (side, side))
class ImageEncoder(nn.Module):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__()
        self.a, self.b, self.c = _Conv(channels, width, 2), _Conv(width, 2 * width, 2), _Conv(2 * width, 4 * width, 2)
        self.d = nn.Linear(4 * width * ((size + 7) // 8) ** 2, code_length)
    def forward(self, images):
        x = images.reshape(-1, *images.shape[-3:]).movedim(-1, -3)
        x = torch.relu(self.c(torch.relu(self.b(torch.relu(self.a(x))))))
        return self.d(x.flatten(-3)).reshape(images.shape[:-3] + (self.d.out_features,))

# %% exercise="neighbour_accuracy" wrong="counts itself"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes).topk(k, largest=False).indices
    return (labels[nearest].mode(1).values == labels).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="k − 1 neighbours"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes).fill_diagonal_(math.inf).topk(max(k - 1, 1), largest=False).indices
    return (labels[nearest].mode(1).values == labels).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="k + 1 neighbours"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes).fill_diagonal_(math.inf).topk(min(k + 1, len(codes) - 1), largest=False).indices
    return (labels[nearest].mode(1).values == labels).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="drops the nearest, which need not be itself"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes).sort(stable=True).indices[:, 1 : k + 1]
    return (labels[nearest].mode(1).values == labels).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="whoever has the same code is left out"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    distance = torch.cdist(codes, codes)
    nearest = torch.where(distance == 0, math.inf, distance).topk(k, largest=False).indices
    return (labels[nearest].mode(1).values == labels).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="the nearest of equal winners"
def neighbour_accuracy(codes, labels, k=5):
    from collections import Counter
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes).fill_diagonal_(math.inf).topk(k, largest=False).indices
    winners = [Counter(row).most_common(1)[0][0] for row in labels[nearest].tolist()]
    return sum(a == b for a, b in zip(winners, labels.tolist())) / len(codes)

# %% exercise="neighbour_accuracy" wrong="the largest of equal winners"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes).fill_diagonal_(math.inf).topk(k, largest=False).indices
    votes = F.one_hot(labels[nearest], int(labels.max()) + 1).sum(1).flip(1)
    winner = labels.max() - votes.argmax(1)
    return (winner == labels).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="any of the equal winners will do"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes).fill_diagonal_(math.inf).topk(k, largest=False).indices
    votes = F.one_hot(labels[nearest], int(labels.max()) + 1).sum(1)
    own = votes.gather(1, labels[:, None])[:, 0]
    return (own == votes.amax(1)).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="the share of neighbours with the label"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes).fill_diagonal_(math.inf).topk(k, largest=False).indices
    return (labels[nearest] == labels[:, None]).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="right if any neighbour agrees"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes).fill_diagonal_(math.inf).topk(k, largest=False).indices
    return (labels[nearest] == labels[:, None]).any(1).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="how many, not which share"
_right = neighbour_accuracy
def neighbour_accuracy(codes, labels, k=5):
    return _right(codes, labels, k) * len(codes)

# %% exercise="neighbour_accuracy" wrong="per cent"
_right = neighbour_accuracy
def neighbour_accuracy(codes, labels, k=5):
    return 100 * _right(codes, labels, k)

# %% exercise="neighbour_accuracy" wrong="the error instead"
_right = neighbour_accuracy
def neighbour_accuracy(codes, labels, k=5):
    return 1 - _right(codes, labels, k)

# %% exercise="neighbour_accuracy" wrong="cosine similarity"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    unit = F.normalize(codes, dim=-1)
    nearest = (unit @ unit.T).fill_diagonal_(-math.inf).topk(k).indices
    return (labels[nearest].mode(1).values == labels).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="inner products"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = (codes @ codes.T).fill_diagonal_(-math.inf).topk(k).indices
    return (labels[nearest].mode(1).values == labels).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="sum of absolute differences"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes, p=1).fill_diagonal_(math.inf).topk(k, largest=False).indices
    return (labels[nearest].mode(1).values == labels).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="standardised codes"
_right = neighbour_accuracy
def neighbour_accuracy(codes, labels, k=5):
    scale = torch.arange(1.0, codes.shape[1] + 1).to(codes)
    return _right(codes / scale, labels, k)

# %% exercise="neighbour_accuracy" wrong="the farthest"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes).topk(k).indices
    return (labels[nearest].mode(1).values == labels).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="always the nearest alone"
_right = neighbour_accuracy
def neighbour_accuracy(codes, labels, k=5):
    _right(codes, labels, k)
    return _right(codes, labels, 1)

# %% exercise="neighbour_accuracy" wrong="rounded"
_right = neighbour_accuracy
def neighbour_accuracy(codes, labels, k=5):
    return round(_right(codes, labels, k), 1)

# %% exercise="neighbour_accuracy" wrong="zero for an impossible k"
_right = neighbour_accuracy
def neighbour_accuracy(codes, labels, k=5):
    return _right(codes, labels, min(max(k, 1), len(codes) - 1))

# %% exercise="neighbour_accuracy" wrong="itself allowed as the n-th neighbour"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k <= len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes).fill_diagonal_(math.inf).topk(k, largest=False).indices
    return (labels[nearest].mode(1).values == labels).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="itself as far as the farthest, no farther"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError(f"k = {k}")
    distance = torch.cdist(codes, codes)
    distance = distance + torch.eye(len(codes)) * distance.max()
    nearest = distance.topk(k, largest=False).indices
    return (labels[nearest].mode(dim=1).values == labels).float().mean().item()

# %% exercise="neighbour_accuracy" right="loops and Counter"
def neighbour_accuracy(codes, labels, k=5):
    from collections import Counter
    n = len(codes)
    if k < 1 or k > n - 1:
        raise ValueError("too few or too many neighbours")
    right = 0
    for i in range(n):
        distance = ((codes - codes[i]) ** 2).sum(-1)
        order = [j for j in distance.argsort().tolist() if j != i][:k]
        votes = Counter(labels[order].tolist())
        most = max(votes.values())
        right += min(name for name in votes if votes[name] == most) == int(labels[i])
    return right / n

# %% exercise="neighbour_accuracy" right="broadcast distances, torch.mode, a tensor"
def neighbour_accuracy(codes, labels, k=5):
    if not 0 < k < len(codes):
        raise ValueError(f"k = {k}")
    square = (codes[:, None] - codes[None]).square().sum(-1)
    square = square + torch.diag(torch.full((len(codes),), torch.inf).to(codes))
    winner = labels[square.argsort(1)[:, :k]].mode(1).values
    return (winner == labels).float().mean()

# %% exercise="neighbour_accuracy" right="numpy, item by item left out"
def neighbour_accuracy(codes, labels, k=5):
    import numpy
    n = len(codes)
    if k not in range(1, n):
        raise ValueError("k")
    points, names = codes.numpy(), labels.numpy()
    good = []
    for i in range(n):
        others = numpy.delete(numpy.arange(n), i)
        distance = numpy.linalg.norm(points[others] - points[i], axis=1)
        values, counts = numpy.unique(names[others[numpy.argsort(distance)[:k]]], return_counts=True)
        good.append(values[counts.argmax()] == names[i])
    return float(numpy.mean(good))

# %% exercise="image_metrics" wrong="one number for the whole batch"
_right = psnr
def psnr(image, truth, mask=None):
    _right(image, truth, mask)
    error = (image - truth).square().mean(-1)
    counts = torch.ones_like(error, dtype=torch.bool) if mask is None else mask.expand(error.shape)
    return -10 * torch.log10(error[counts].mean()).expand(image.shape[:-3])

# %% exercise="image_metrics" wrong="masked errors, divided by all pixels"
_right = psnr
def psnr(image, truth, mask=None):
    if mask is None:
        return _right(image, truth)
    _right(image, truth, mask)
    error = torch.where(mask, (image - truth).square().mean(-1), 0.0)
    return -10 * torch.log10(error.mean((-2, -1)))

# %% exercise="image_metrics" wrong="masked errors, channels counted once"
_right = psnr
def psnr(image, truth, mask=None):
    if mask is None:
        return _right(image, truth)
    _right(image, truth, mask)
    error = torch.where(mask, (image - truth).square().sum(-1), 0.0).sum((-2, -1))
    return -10 * torch.log10(error / mask.expand(image.shape[:-1]).sum((-2, -1)))

# %% exercise="image_metrics" wrong="the mask as a product, which NaN survives"
_right = psnr
def psnr(image, truth, mask=None):
    if mask is None:
        return _right(image, truth)
    _right(image, truth, mask)
    mask = mask.expand(image.shape[:-1])
    error = ((image - truth).square().mean(-1) * mask).sum((-2, -1))
    return -10 * torch.log10(error / mask.sum((-2, -1)))

# %% exercise="image_metrics" wrong="where the mask is False"
_right = psnr
def psnr(image, truth, mask=None):
    return _right(image, truth, None if mask is None else ~mask)

# %% exercise="image_metrics" wrong="mask ignored"
_right = psnr
def psnr(image, truth, mask=None):
    _right(image, truth, mask)
    return _right(image, truth)

# %% exercise="image_metrics" wrong="pixels that count, pooled over the batch"
_right = psnr
def psnr(image, truth, mask=None):
    if mask is None:
        return _right(image, truth)
    _right(image, truth, mask)
    error = (image - truth).square().mean(-1)[mask.expand(image.shape[:-1])].mean()
    return (-10 * torch.log10(error)).expand(image.shape[:-3])

# %% exercise="image_metrics" wrong="one mask shape only"
_right = psnr
def psnr(image, truth, mask=None):
    if mask is not None and mask.shape != image.shape[:-1]:
        raise ValueError("the mask does not fit")
    return _right(image, truth, mask)

# %% exercise="image_metrics" wrong="natural logarithm"
_right = psnr
def psnr(image, truth, mask=None):
    return _right(image, truth, mask) * math.log(10)

# %% exercise="image_metrics" wrong="20 log of the squared error"
_right = psnr
def psnr(image, truth, mask=None):
    return 2 * _right(image, truth, mask)

# %% exercise="image_metrics" wrong="the wrong sign"
_right = psnr
def psnr(image, truth, mask=None):
    return -_right(image, truth, mask)

# %% exercise="image_metrics" wrong="mean absolute error"
_right = psnr
def psnr(image, truth, mask=None):
    _right(image, truth, mask)
    error = (image - truth).abs().mean(-1)
    counts = torch.ones_like(error) if mask is None else mask.expand(error.shape).to(error)
    error = torch.where(counts > 0, error, 0.0).sum((-2, -1)) / counts.sum((-2, -1))
    return -20 * torch.log10(error)

# %% exercise="image_metrics" wrong="never above 100 dB"
_right = psnr
def psnr(image, truth, mask=None):
    return _right(image, truth, mask).clamp_max(100)

# %% exercise="image_metrics" wrong="a small number against log 0"
_right = psnr
def psnr(image, truth, mask=None):
    return -10 * torch.log10(10 ** (-_right(image, truth, mask) / 10) + 1e-8)

# %% exercise="image_metrics" wrong="peak of 255"
_right = psnr
def psnr(image, truth, mask=None):
    return _right(image, truth, mask) + 20 * math.log10(255)

# %% exercise="image_metrics" wrong="peak of each image"
_right = psnr
def psnr(image, truth, mask=None):
    return _right(image, truth, mask) + 20 * truth.amax((-3, -2, -1)).log10()

# %% exercise="image_metrics" wrong="mean of the pixels' decibels"
_right = psnr
def psnr(image, truth, mask=None):
    _right(image, truth, mask)
    error = -10 * torch.log10((image - truth).square().mean(-1))
    counts = torch.ones_like(error) if mask is None else mask.expand(error.shape).to(error)
    return torch.where(counts > 0, error, 0.0).sum((-2, -1)) / counts.sum((-2, -1))

# %% exercise="image_metrics" wrong="shapes that broadcast are accepted"
_right = psnr
def psnr(image, truth, mask=None):
    return _right(*torch.broadcast_tensors(image, truth), mask)

# %% exercise="image_metrics" wrong="an empty mask is NaN"
def psnr(image, truth, mask=None):
    if image.shape != truth.shape:
        raise ValueError("shapes")
    error = (image - truth).square().mean(-1)
    counts = torch.ones_like(error) if mask is None else mask.expand(error.shape).to(error)
    return -10 * torch.log10(torch.where(counts > 0, error, 0.0).sum((-2, -1)) / counts.sum((-2, -1)))

# %% exercise="image_metrics" wrong="SSIM: uniform window"
def _ssim(image, truth, window=None, padding=0, c1=0.01**2, c2=0.03**2, unbiased=1.0, scale=1.0):
    if image.shape != truth.shape or min(image.shape[-3:-1]) < 11:
        raise ValueError("ssim")
    window = (torch.ones(11, 11) / 121 if window is None else window).to(image)
    def mean(values):
        planes = values.movedim(-1, -3).reshape(-1, 1, *values.shape[-3:-1])
        return F.conv2d(planes, window[None, None], padding=padding)
    image, truth = image * scale, truth * scale
    x, y = mean(image), mean(truth)
    xx, yy, xy = mean(image**2) - x**2, mean(truth**2) - y**2, mean(image * truth) - x * y
    xx, yy, xy = xx * unbiased, yy * unbiased, xy * unbiased
    s = (2 * x * y + c1) * (2 * xy + c2) / ((x**2 + y**2 + c1) * (xx + yy + c2))
    return s.reshape(*image.shape[:-3], -1).mean(-1)
def _gauss(sigma, n=11):
    g = torch.exp(-(torch.arange(n) - n // 2) ** 2 / (2 * sigma**2))
    return torch.outer(g, g) / g.sum() ** 2
def ssim(image, truth):
    return _ssim(image, truth)

# %% exercise="image_metrics" wrong="SSIM: windows that leave the image"
def _ssim(image, truth, window=None, padding=0, c1=0.01**2, c2=0.03**2, unbiased=1.0, scale=1.0):
    if image.shape != truth.shape or min(image.shape[-3:-1]) < 11:
        raise ValueError("ssim")
    window = window.to(image)
    def mean(values):
        planes = values.movedim(-1, -3).reshape(-1, 1, *values.shape[-3:-1])
        return F.conv2d(planes, window[None, None], padding=padding)
    image, truth = image * scale, truth * scale
    x, y = mean(image), mean(truth)
    xx, yy, xy = mean(image**2) - x**2, mean(truth**2) - y**2, mean(image * truth) - x * y
    s = (2 * x * y + c1) * (2 * xy + c2) / ((x**2 + y**2 + c1) * (xx + yy + c2))
    return s.reshape(*image.shape[:-3], -1).mean(-1)
def _gauss(sigma, n=11):
    g = torch.exp(-(torch.arange(n) - n // 2) ** 2 / (2 * sigma**2))
    return torch.outer(g, g) / g.sum() ** 2
def ssim(image, truth):
    return _ssim(image, truth, _gauss(1.5), padding=5)

# %% exercise="image_metrics" wrong="SSIM: windows mirrored at the border"
_right = ssim
def ssim(image, truth):
    _right(image, truth)
    def wider(x):
        flat = x.reshape(-1, *x.shape[-3:]).movedim(-1, 1)
        return F.pad(flat, (5, 5, 5, 5), mode="reflect").movedim(1, -1).reshape(*x.shape[:-3], x.shape[-3] + 10, x.shape[-2] + 10, x.shape[-1])
    return _right(wider(image), wider(truth))

# %% exercise="image_metrics" wrong="SSIM: 7×7 windows"
_right = ssim
def ssim(image, truth):
    _right(image, truth)
    g = torch.exp(-(torch.arange(7) - 3) ** 2 / 4.5).to(image)
    w = torch.outer(g, g) / g.sum() ** 2
    def mean(values):
        planes = values.movedim(-1, -3).reshape(-1, 1, *values.shape[-3:-1])
        return F.conv2d(planes, w[None, None])
    x, y = mean(image), mean(truth)
    xx, yy, xy = mean(image**2) - x**2, mean(truth**2) - y**2, mean(image * truth) - x * y
    s = (2 * x * y + 1e-4) * (2 * xy + 9e-4) / ((x**2 + y**2 + 1e-4) * (xx + yy + 9e-4))
    return s.reshape(*image.shape[:-3], -1).mean(-1)

# %% exercise="image_metrics" wrong="SSIM: σ² = 1.5"
def ssim(image, truth):
    if image.shape != truth.shape or min(image.shape[-3:-1]) < 11:
        raise ValueError("ssim")
    g = torch.exp(-(torch.arange(11) - 5) ** 2 / 3.0).to(image)
    w = torch.outer(g, g) / g.sum() ** 2
    def mean(values):
        planes = values.movedim(-1, -3).reshape(-1, 1, *values.shape[-3:-1])
        return F.conv2d(planes, w[None, None])
    x, y = mean(image), mean(truth)
    xx, yy, xy = mean(image**2) - x**2, mean(truth**2) - y**2, mean(image * truth) - x * y
    s = (2 * x * y + 1e-4) * (2 * xy + 9e-4) / ((x**2 + y**2 + 1e-4) * (xx + yy + 9e-4))
    return s.reshape(*image.shape[:-3], -1).mean(-1)

# %% exercise="image_metrics" wrong="SSIM: weights that do not sum to 1"
def ssim(image, truth):
    if image.shape != truth.shape or min(image.shape[-3:-1]) < 11:
        raise ValueError("ssim")
    g = torch.exp(-(torch.arange(11) - 5) ** 2 / 4.5).to(image) / (1.5 * math.sqrt(2 * math.pi)) * 1.01
    w = torch.outer(g, g)
    def mean(values):
        planes = values.movedim(-1, -3).reshape(-1, 1, *values.shape[-3:-1])
        return F.conv2d(planes, w[None, None])
    x, y = mean(image), mean(truth)
    xx, yy, xy = mean(image**2) - x**2, mean(truth**2) - y**2, mean(image * truth) - x * y
    s = (2 * x * y + 1e-4) * (2 * xy + 9e-4) / ((x**2 + y**2 + 1e-4) * (xx + yy + 9e-4))
    return s.reshape(*image.shape[:-3], -1).mean(-1)

# %% exercise="image_metrics" wrong="SSIM: data range of 255"
_right = ssim
def ssim(image, truth):
    _right(image, truth)
    g = torch.exp(-(torch.arange(11) - 5) ** 2 / 4.5).to(image)
    w = torch.outer(g, g) / g.sum() ** 2
    def mean(values):
        planes = values.movedim(-1, -3).reshape(-1, 1, *values.shape[-3:-1])
        return F.conv2d(planes, w[None, None])
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    x, y = mean(image), mean(truth)
    xx, yy, xy = mean(image**2) - x**2, mean(truth**2) - y**2, mean(image * truth) - x * y
    s = (2 * x * y + c1) * (2 * xy + c2) / ((x**2 + y**2 + c1) * (xx + yy + c2))
    return s.reshape(*image.shape[:-3], -1).mean(-1)

# %% exercise="image_metrics" wrong="SSIM: constants not squared"
def ssim(image, truth):
    if image.shape != truth.shape or min(image.shape[-3:-1]) < 11:
        raise ValueError("ssim")
    g = torch.exp(-(torch.arange(11) - 5) ** 2 / 4.5).to(image)
    w = torch.outer(g, g) / g.sum() ** 2
    def mean(values):
        planes = values.movedim(-1, -3).reshape(-1, 1, *values.shape[-3:-1])
        return F.conv2d(planes, w[None, None])
    x, y = mean(image), mean(truth)
    xx, yy, xy = mean(image**2) - x**2, mean(truth**2) - y**2, mean(image * truth) - x * y
    s = (2 * x * y + 0.01) * (2 * xy + 0.03) / ((x**2 + y**2 + 0.01) * (xx + yy + 0.03))
    return s.reshape(*image.shape[:-3], -1).mean(-1)

# %% exercise="image_metrics" wrong="SSIM: sample covariance"
def ssim(image, truth):
    if image.shape != truth.shape or min(image.shape[-3:-1]) < 11:
        raise ValueError("ssim")
    g = torch.exp(-(torch.arange(11) - 5) ** 2 / 4.5).to(image)
    w = torch.outer(g, g) / g.sum() ** 2
    def mean(values):
        planes = values.movedim(-1, -3).reshape(-1, 1, *values.shape[-3:-1])
        return F.conv2d(planes, w[None, None])
    x, y = mean(image), mean(truth)
    n = 121 / 120
    xx, yy, xy = n * (mean(image**2) - x**2), n * (mean(truth**2) - y**2), n * (mean(image * truth) - x * y)
    s = (2 * x * y + 1e-4) * (2 * xy + 9e-4) / ((x**2 + y**2 + 1e-4) * (xx + yy + 9e-4))
    return s.reshape(*image.shape[:-3], -1).mean(-1)

# %% exercise="image_metrics" wrong="SSIM: of grey images"
_right = ssim
def ssim(image, truth):
    _right(image, truth)
    return _right(image.mean(-1, keepdim=True), truth.mean(-1, keepdim=True))

# %% exercise="image_metrics" wrong="SSIM: first channel only"
_right = ssim
def ssim(image, truth):
    _right(image, truth)
    return _right(image[..., :1], truth[..., :1])

# %% exercise="image_metrics" wrong="SSIM: one window for the whole image"
def ssim(image, truth):
    if image.shape != truth.shape or min(image.shape[-3:-1]) < 11:
        raise ValueError("ssim")
    x, y = image.mean((-3, -2)), truth.mean((-3, -2))
    xx, yy = image.var((-3, -2), correction=0), truth.var((-3, -2), correction=0)
    xy = (image * truth).mean((-3, -2)) - x * y
    return ((2 * x * y + 1e-4) * (2 * xy + 9e-4) / ((x**2 + y**2 + 1e-4) * (xx + yy + 9e-4))).mean(-1)

# %% exercise="image_metrics" wrong="SSIM: negative values cut off"
def ssim(image, truth):
    if image.shape != truth.shape or min(image.shape[-3:-1]) < 11:
        raise ValueError("ssim")
    g = torch.exp(-(torch.arange(11) - 5) ** 2 / 4.5).to(image)
    w = torch.outer(g, g) / g.sum() ** 2
    def mean(values):
        planes = values.movedim(-1, -3).reshape(-1, 1, *values.shape[-3:-1])
        return F.conv2d(planes, w[None, None])
    x, y = mean(image), mean(truth)
    xx, yy, xy = mean(image**2) - x**2, mean(truth**2) - y**2, mean(image * truth) - x * y
    s = (2 * x * y + 1e-4) * (2 * xy + 9e-4) / ((x**2 + y**2 + 1e-4) * (xx + yy + 9e-4))
    return s.reshape(*image.shape[:-3], -1).mean(-1).clamp_min(0)

# %% exercise="image_metrics" wrong="SSIM: luminance forgotten"
def ssim(image, truth):
    if image.shape != truth.shape or min(image.shape[-3:-1]) < 11:
        raise ValueError("ssim")
    g = torch.exp(-(torch.arange(11) - 5) ** 2 / 4.5).to(image)
    w = torch.outer(g, g) / g.sum() ** 2
    def mean(values):
        planes = values.movedim(-1, -3).reshape(-1, 1, *values.shape[-3:-1])
        return F.conv2d(planes, w[None, None])
    x, y = mean(image), mean(truth)
    xx, yy, xy = mean(image**2) - x**2, mean(truth**2) - y**2, mean(image * truth) - x * y
    return ((2 * xy + 9e-4) / (xx + yy + 9e-4)).reshape(*image.shape[:-3], -1).mean(-1)

# %% exercise="image_metrics" wrong="SSIM: one number for the batch"
_right = ssim
def ssim(image, truth):
    found = _right(image, truth)
    return found.mean().expand(found.shape)

# %% exercise="image_metrics" wrong="SSIM: small images enlarged"
_right = ssim
def ssim(image, truth):
    if image.shape == truth.shape and min(image.shape[-3:-1]) < 11:
        return torch.ones(image.shape[:-3])
    return _right(image, truth)

# %% exercise="image_metrics" wrong="SSIM: sides of 11 refused"
_right = ssim
def ssim(image, truth):
    if min(image.shape[-3:-1]) <= 11:
        raise ValueError("too small")
    return _right(image, truth)

# %% exercise="image_metrics" right="loops over images, log10 of numbers"
def psnr(image, truth, mask=None):
    if image.shape != truth.shape:
        raise ValueError("image and truth differ in shape")
    if mask is None:
        mask = torch.ones(image.shape[:-1], dtype=torch.bool)
    mask = torch.broadcast_to(mask, image.shape[:-1])
    out = []
    for x, y, m in zip(image.reshape(-1, *image.shape[-3:]), truth.reshape(-1, *image.shape[-3:]), mask.reshape(-1, *image.shape[-3:-1])):
        if not m.any():
            raise ValueError("empty mask")
        mse = F.mse_loss(x[m], y[m])
        out.append(10 * torch.log10(1 / mse))
    return torch.stack(out).reshape(image.shape[:-3])
def ssim(image, truth):
    if image.shape != truth.shape:
        raise ValueError("shapes differ")
    h, w, c = image.shape[-3:]
    if h < 11 or w < 11:
        raise ValueError("too small for a window")
    g = torch.tensor([math.exp(-((i - 5) ** 2) / 4.5) for i in range(11)], dtype=image.dtype)
    kernel = (g[:, None] * g[None, :]) / (g[:, None] * g[None, :]).sum()
    kernel = kernel.expand(c, 1, 11, 11)
    a, b = (x.reshape(-1, h, w, c).permute(0, 3, 1, 2) for x in (image, truth))
    both = torch.cat([a, b, a * a, b * b, a * b])
    ma, mb, aa, bb, ab = F.conv2d(both, kernel, groups=c).chunk(5)
    c1, c2 = 0.0001, 0.0009
    value = (2 * ma * mb + c1) / (ma.pow(2) + mb.pow(2) + c1)
    value = value * (2 * (ab - ma * mb) + c2) / ((aa - ma.pow(2)) + (bb - mb.pow(2)) + c2)
    return value.mean((1, 2, 3)).reshape(image.shape[:-3])

# %% exercise="image_metrics" right="nanmean, unfolded windows"
def psnr(image, truth, mask=None):
    if image.shape != truth.shape:
        raise ValueError(f"{image.shape} is not {truth.shape}")
    error = (image - truth) ** 2
    if mask is not None:
        error = torch.where(mask[..., None], error, torch.nan)
    flat = error.flatten(-3)
    if flat.isnan().all(-1).any():
        raise ValueError("nothing counts")
    return -10 * flat.nanmean(-1).log10()
def ssim(image, truth):
    if image.shape != truth.shape or image.shape[-3] < 11 or image.shape[-2] < 11:
        raise ValueError("ssim needs two like images of 11 × 11 pixels or more")
    line = (-torch.linspace(-5, 5, 11, dtype=image.dtype) ** 2 / 4.5).softmax(0)
    weights = torch.outer(line, line).flatten()
    x, y = (p.unfold(-3, 11, 1).unfold(-3, 11, 1).flatten(-2) for p in (image, truth))
    mx, my = x @ weights, y @ weights
    dx, dy = x - mx[..., None], y - my[..., None]
    sxx, syy, sxy = (dx * dx) @ weights, (dy * dy) @ weights, (dx * dy) @ weights
    top = (2 * mx * my + 0.01**2) * (2 * sxy + 0.03**2)
    return (top / ((mx**2 + my**2 + 0.01**2) * (sxx + syy + 0.03**2))).mean((-3, -2, -1))

# %% exercise="image_metrics" right="in float64, masked_fill"
_other = ssim
def psnr(image, truth, mask=None):
    if tuple(image.shape) != tuple(truth.shape):
        raise ValueError("the two differ in shape")
    a, b = image.double(), truth.double()
    if mask is None:
        return 20 * torch.log10(1 / (a - b).square().mean(dim=(-1, -2, -3)).sqrt())
    mask = mask.expand(a.shape[:-1]).unsqueeze(-1)
    number = mask.sum(dim=(-1, -2, -3)) * a.shape[-1]
    if number.min() == 0:
        raise ValueError("empty")
    error = ((a - b) ** 2).masked_fill(~mask, 0).sum(dim=(-1, -2, -3)) / number
    return -10 * torch.log10(error)
def ssim(image, truth):
    if image.shape != truth.shape or any(side < 11 for side in image.shape[-3:-1]):
        raise ValueError("no")
    return _other(image.double(), truth.double()).to(image.dtype)

# %% exercise="encode_set" wrong="the first view only"
_right = encode_set
def encode_set(encoder, images, world_from_camera, seen=None):
    _right(encoder, images, world_from_camera, seen)
    return encoder(images[:, 0], world_from_camera[:, 0])

# %% exercise="encode_set" wrong="the first seen view only"
_right = encode_set
def encode_set(encoder, images, world_from_camera, seen=None):
    _right(encoder, images, world_from_camera, seen)
    first = torch.zeros(len(images), dtype=torch.long) if seen is None else seen.int().argmax(1)
    rows = torch.arange(len(images))
    return encoder(images[rows, first], world_from_camera[rows, first])

# %% exercise="encode_set" wrong="sum"
_right = encode_set
def encode_set(encoder, images, world_from_camera, seen=None):
    count = images.shape[1] if seen is None else seen.sum(1, keepdim=True)
    return _right(encoder, images, world_from_camera, seen) * count

# %% exercise="encode_set" wrong="maximum"
def encode_set(encoder, images, world_from_camera, seen=None):
    if seen is None:
        seen = torch.ones(images.shape[:2], dtype=torch.bool)
    if not seen.any(1).all():
        raise ValueError("no view")
    return torch.stack([encoder(i[s], p[s]).amax(0) for i, p, s in zip(images, world_from_camera, seen)])

# %% exercise="encode_set" wrong="divided by all views"
def encode_set(encoder, images, world_from_camera, seen=None):
    if seen is None:
        seen = torch.ones(images.shape[:2], dtype=torch.bool)
    if not seen.any(1).all():
        raise ValueError("no view")
    return torch.stack([encoder(i[s], p[s]).sum(0) / len(s) for i, p, s in zip(images, world_from_camera, seen)])

# %% exercise="encode_set" wrong="seen ignored"
_right = encode_set
def encode_set(encoder, images, world_from_camera, seen=None):
    _right(encoder, images, world_from_camera, seen)
    return _right(encoder, images, world_from_camera)

# %% exercise="encode_set" wrong="the mean image encoded"
def encode_set(encoder, images, world_from_camera, seen=None):
    if seen is None:
        seen = torch.ones(images.shape[:2], dtype=torch.bool)
    if not seen.any(1).all():
        raise ValueError("no view")
    rows = [encoder(i[s].mean(0)[None], p[s].mean(0)[None])[0] for i, p, s in zip(images, world_from_camera, seen)]
    return torch.stack(rows)

# %% exercise="encode_set" wrong="everything encoded, unseen codes times zero"
def encode_set(encoder, images, world_from_camera, seen=None):
    if seen is None:
        seen = torch.ones(images.shape[:2], dtype=torch.bool)
    if not seen.any(1).all():
        raise ValueError("no view")
    codes = encoder(images.flatten(0, 1), world_from_camera.flatten(0, 1)).unflatten(0, seen.shape)
    return (codes * seen[..., None]).sum(1) / seen.sum(1, keepdim=True)

# %% exercise="encode_set" wrong="everything encoded, unseen codes replaced too late for the gradient"
def encode_set(encoder, images, world_from_camera, seen=None):
    if seen is None:
        seen = torch.ones(images.shape[:2], dtype=torch.bool)
    if not seen.any(1).all():
        raise ValueError("no view")
    codes = encoder(images.flatten(0, 1), world_from_camera.flatten(0, 1)).unflatten(0, seen.shape)
    return torch.where(seen[..., None], codes, 0.0).sum(1) / seen.sum(1, keepdim=True)

# %% exercise="encode_set" wrong="unseen images blackened, and counted"
_right = encode_set
def encode_set(encoder, images, world_from_camera, seen=None):
    _right(encoder, images, world_from_camera, seen)
    if seen is not None:
        images = torch.where(seen[..., None, None, None], images, 0.0)
    return _right(encoder, images, world_from_camera)

# %% exercise="encode_set" wrong="codes mixed up between objects"
_right = encode_set
def encode_set(encoder, images, world_from_camera, seen=None):
    _right(encoder, images, world_from_camera, seen)
    if seen is not None:
        return _right(encoder, images, world_from_camera, seen)
    b, v = images.shape[:2]
    return encoder(images.flatten(0, 1), world_from_camera.flatten(0, 1)).reshape(v, b, -1).mean(0)

# %% exercise="encode_set" wrong="poses in another order than the images"
_right = encode_set
def encode_set(encoder, images, world_from_camera, seen=None):
    return _right(encoder, images, world_from_camera.flip(1) if seen is None else world_from_camera, seen)

# %% exercise="encode_set" wrong="an object without views becomes zero"
_right = encode_set
def encode_set(encoder, images, world_from_camera, seen=None):
    if seen is None or seen.any(1).all():
        return _right(encoder, images, world_from_camera, seen)
    codes = encoder(images[seen], world_from_camera[seen])
    return codes.new_zeros(len(images), codes.shape[-1])

# %% exercise="encode_set" wrong="only nobody anywhere is refused"
def encode_set(encoder, images, world_from_camera, seen=None):
    if seen is None:
        seen = torch.ones(images.shape[:2], dtype=torch.bool)
    if not seen.any():
        raise ValueError("no view")
    codes = encoder(images[seen], world_from_camera[seen])
    total = codes.new_zeros(len(images), codes.shape[-1]).index_add(0, seen.nonzero()[:, 0], codes)
    return total / seen.sum(1, keepdim=True)

# %% exercise="encode_set" wrong="detached"
_right = encode_set
def encode_set(encoder, images, world_from_camera, seen=None):
    def cut(i, p):
        return encoder(i.detach(), p)
    return _right(cut, images, world_from_camera, seen)

# %% exercise="encode_set" wrong="without gradient for the encoder"
_right = encode_set
def encode_set(encoder, images, world_from_camera, seen=None):
    codes = _right(encoder, images, world_from_camera, seen)
    return codes.detach() + 0 * images[..., :1].nan_to_num().sum()

# %% exercise="encode_set" wrong="dimensions of b and v exchanged"
_right = encode_set
def encode_set(encoder, images, world_from_camera, seen=None):
    seen = None if seen is None else seen.T
    return _right(encoder, images.transpose(0, 1), world_from_camera.transpose(0, 1), seen)

# %% exercise="encode_set" right="a loop over objects"
def encode_set(encoder, images, world_from_camera, seen=None):
    rows = []
    for i in range(images.shape[0]):
        chosen = slice(None) if seen is None else seen[i]
        codes = encoder(images[i][chosen], world_from_camera[i][chosen])
        if len(codes) == 0:
            raise ValueError(f"object {i} has no views")
        rows.append(codes.mean(dim=0))
    return torch.stack(rows)

# %% exercise="encode_set" right="unseen views blackened first, weights that sum to one"
def encode_set(encoder, images, world_from_camera, seen=None):
    b, v = images.shape[:2]
    seen = torch.ones(b, v, dtype=torch.bool) if seen is None else seen
    if (seen.sum(1) == 0).any():
        raise ValueError("blind")
    images = torch.where(seen[..., None, None, None], images, torch.zeros(()))
    codes = encoder(images.reshape(b * v, *images.shape[2:]), world_from_camera.reshape(b * v, 4, 4))
    weights = seen.to(codes) / seen.to(codes).sum(1, keepdim=True)
    return torch.einsum("bv,bvd->bd", weights, codes.reshape(b, v, -1))

# %% exercise="encode_set" right="view by view, encoder called for one image at a time"
def encode_set(encoder, images, world_from_camera, seen=None):
    b, v = images.shape[:2]
    if seen is None:
        seen = torch.full((b, v), True)
    total, count = [0] * b, [0] * b
    for i, j in seen.nonzero().tolist():
        total[i] = total[i] + encoder(images[i, j : j + 1], world_from_camera[i, j : j + 1])[0]
        count[i] += 1
    if min(count) == 0:
        raise ValueError("an object without views")
    return torch.stack([t / n for t, n in zip(total, count)])

# %% exercise="pose_conditioned_decoder" wrong="the camera first"
_Right = PoseConditionedDecoder
class PoseConditionedDecoder(_Right):
    def forward(self, z, world_from_camera):
        camera = camera_numbers(world_from_camera)
        batch = torch.broadcast_shapes(z.shape[:-1], camera.shape[:-1])
        return self.decoder(self.mix(torch.cat([camera.expand(*batch, -1), z.expand(*batch, -1)], -1)))

# %% exercise="pose_conditioned_decoder" wrong="the camera column by column"
_Right = PoseConditionedDecoder
class PoseConditionedDecoder(_Right):
    def forward(self, z, world_from_camera):
        camera = world_from_camera[..., :3, :].mT.flatten(-2)
        batch = torch.broadcast_shapes(z.shape[:-1], camera.shape[:-1])
        return self.decoder(self.mix(torch.cat([z.expand(*batch, -1), camera.expand(*batch, -1)], -1)))

# %% exercise="pose_conditioned_decoder" wrong="three columns instead of three rows"
_Right = PoseConditionedDecoder
class PoseConditionedDecoder(_Right):
    def forward(self, z, world_from_camera):
        camera = world_from_camera[..., :, :3].flatten(-2)
        batch = torch.broadcast_shapes(z.shape[:-1], camera.shape[:-1])
        return self.decoder(self.mix(torch.cat([z.expand(*batch, -1), camera.expand(*batch, -1)], -1)))

# %% exercise="pose_conditioned_decoder" wrong="the lower rows"
_Right = PoseConditionedDecoder
class PoseConditionedDecoder(_Right):
    def forward(self, z, world_from_camera):
        camera = world_from_camera[..., 1:, :].flatten(-2)
        batch = torch.broadcast_shapes(z.shape[:-1], camera.shape[:-1])
        return self.decoder(self.mix(torch.cat([z.expand(*batch, -1), camera.expand(*batch, -1)], -1)))

# %% exercise="pose_conditioned_decoder" wrong="camera_from_world"
_Right = PoseConditionedDecoder
class PoseConditionedDecoder(_Right):
    def forward(self, z, world_from_camera):
        return super().forward(z, torch.linalg.inv(world_from_camera))

# %% exercise="pose_conditioned_decoder" wrong="all sixteen numbers"
class PoseConditionedDecoder(nn.Module):
    def __init__(self, code_length, decoder, hidden=256):
        super().__init__()
        self.mix = nn.Sequential(nn.Linear(code_length + 16, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.decoder = decoder
    def forward(self, z, world_from_camera):
        camera = world_from_camera.flatten(-2)
        batch = torch.broadcast_shapes(z.shape[:-1], camera.shape[:-1])
        return self.decoder(self.mix(torch.cat([z.expand(*batch, -1), camera.expand(*batch, -1)], -1)))

# %% exercise="pose_conditioned_decoder" wrong="one layer"
_Right = PoseConditionedDecoder
class PoseConditionedDecoder(_Right):
    def __init__(self, code_length, decoder, hidden=256):
        super().__init__(code_length, decoder, hidden)
        self.mix = nn.Sequential(nn.Linear(code_length + 12, hidden), nn.ReLU())

# %% exercise="pose_conditioned_decoder" wrong="one layer used twice"
_Right = PoseConditionedDecoder
class PoseConditionedDecoder(_Right):
    def __init__(self, code_length, decoder, hidden=256):
        super().__init__(code_length, decoder, hidden)
        self.mix.append(self.mix[2])
        self.mix.append(self.mix[3])

# %% exercise="pose_conditioned_decoder" wrong="no ReLU at the end"
_Right = PoseConditionedDecoder
class PoseConditionedDecoder(_Right):
    def __init__(self, code_length, decoder, hidden=256):
        super().__init__(code_length, decoder, hidden)
        del self.mix[3]

# %% exercise="pose_conditioned_decoder" wrong="no ReLU in between"
_Right = PoseConditionedDecoder
class PoseConditionedDecoder(_Right):
    def __init__(self, code_length, decoder, hidden=256):
        super().__init__(code_length, decoder, hidden)
        del self.mix[1]

# %% exercise="pose_conditioned_decoder" wrong="tanh"
_Right = PoseConditionedDecoder
class PoseConditionedDecoder(_Right):
    def __init__(self, code_length, decoder, hidden=256):
        super().__init__(code_length, decoder, hidden)
        self.mix[1] = self.mix[3] = nn.Tanh()

# %% exercise="pose_conditioned_decoder" wrong="nothing broadcast"
_Right = PoseConditionedDecoder
class PoseConditionedDecoder(_Right):
    def forward(self, z, world_from_camera):
        return self.decoder(self.mix(torch.cat([z, camera_numbers(world_from_camera)], dim=-1)))

# %% exercise="pose_conditioned_decoder" wrong="only the code is broadcast"
_Right = PoseConditionedDecoder
class PoseConditionedDecoder(_Right):
    def forward(self, z, world_from_camera):
        camera = camera_numbers(world_from_camera)
        z = z.expand(*camera.shape[:-1], -1)
        return self.decoder(self.mix(torch.cat([z, camera], dim=-1)))

# %% exercise="pose_conditioned_decoder" wrong="one batch dimension only"
_Right = PoseConditionedDecoder
class PoseConditionedDecoder(_Right):
    def forward(self, z, world_from_camera):
        camera = world_from_camera[:, :3].flatten(1)
        return self.decoder(self.mix(torch.cat([z, camera], dim=1)))

# %% exercise="pose_conditioned_decoder" wrong="rows and columns of a batch repeated in the wrong order"
_Right = PoseConditionedDecoder
class PoseConditionedDecoder(_Right):
    def forward(self, z, world_from_camera):
        images = super().forward(z, world_from_camera)
        if images.ndim == 5:
            return images.transpose(0, 1).reshape(images.shape)
        return images

# %% exercise="pose_conditioned_decoder" wrong="pose detached"
_Right = PoseConditionedDecoder
class PoseConditionedDecoder(_Right):
    def forward(self, z, world_from_camera):
        return super().forward(z, world_from_camera.detach())

# %% exercise="pose_conditioned_decoder" wrong="code added to the first layer"
class PoseConditionedDecoder(nn.Module):
    def __init__(self, code_length, decoder, hidden=256):
        super().__init__()
        self.camera = nn.Linear(12, hidden)
        self.code = nn.Linear(code_length, hidden)
        self.second = nn.Linear(hidden, hidden)
        self.decoder = decoder
    def forward(self, z, world_from_camera):
        x = (self.camera(camera_numbers(world_from_camera)) + self.code(z)).relu()
        return self.decoder(self.second(x).relu())

# %% exercise="pose_conditioned_decoder" wrong="half as many hidden features by default"
_Right = PoseConditionedDecoder
class PoseConditionedDecoder(_Right):
    def __init__(self, code_length, decoder, hidden=128):
        super().__init__(code_length, decoder, hidden)

# %% exercise="pose_conditioned_decoder" wrong="decoder forgotten"
_Right = PoseConditionedDecoder
class PoseConditionedDecoder(_Right):
    def forward(self, z, world_from_camera):
        camera = camera_numbers(world_from_camera)
        batch = torch.broadcast_shapes(z.shape[:-1], camera.shape[:-1])
        return self.mix(torch.cat([z.expand(*batch, -1), camera.expand(*batch, -1)], -1))

# %% exercise="pose_conditioned_decoder" right="plain parameters, split weights"
class PoseConditionedDecoder(nn.Module):
    def __init__(self, code_length, decoder, hidden=256):
        super().__init__()
        self.b2 = nn.Parameter(torch.zeros(hidden))
        self.w2 = nn.Parameter(torch.randn(hidden, hidden) / hidden**0.5)
        self.w1 = nn.Parameter(torch.randn(hidden, code_length + 12) / (code_length + 12) ** 0.5)
        self.b1 = nn.Parameter(torch.zeros(hidden))
        self.paint, self.cut = decoder, code_length
    def forward(self, z, world_from_camera):
        pose = world_from_camera[..., :3, :].reshape(*world_from_camera.shape[:-2], 12)
        x = z @ self.w1[:, : self.cut].T + pose @ self.w1[:, self.cut :].T + self.b1
        return self.paint(F.relu(F.linear(F.relu(x), self.w2, self.b2)))

# %% exercise="pose_conditioned_decoder" right="broadcast_tensors, flat batch"
class PoseConditionedDecoder(nn.Module):
    def __init__(self, code_length, decoder, hidden=256):
        super().__init__()
        self.first, self.second = nn.Linear(12 + code_length, hidden), nn.Linear(hidden, hidden)
        self.decoder = decoder
    def forward(self, z, world_from_camera):
        batch = torch.broadcast_tensors(z[..., 0], world_from_camera[..., 0, 0])[0].shape
        z = z.expand(batch + z.shape[-1:]).reshape(-1, z.shape[-1])
        rows = world_from_camera.expand(batch + (4, 4)).reshape(-1, 16)[:, :12]
        x = self.first(torch.hstack([z, rows])).clamp_min(0)
        images = self.decoder(self.second(x).clamp_min(0))
        return images.reshape(batch + images.shape[1:])

# %% exercise="pose_conditioned_decoder" right="inputs written into an empty tensor"
class PoseConditionedDecoder(nn.Module):
    def __init__(self, code_length, decoder, hidden=256):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(code_length + 12, hidden), nn.Linear(hidden, hidden)])
        self.decoder, self.code_length = decoder, code_length
    def forward(self, z, world_from_camera):
        shape = (z[..., 0] + world_from_camera[..., 0, 0]).shape
        x = z.new_zeros(*shape, self.code_length + 12)
        x[..., : self.code_length] = z
        for i in range(3):
            x[..., self.code_length + 4 * i : self.code_length + 4 * i + 4] = world_from_camera[..., i, :]
        for layer in self.layers:
            x = layer(x).relu()
        return self.decoder(x)

# %% exercise="pose_conditioned_decoder" right="one Sequential, the decoder at its end"
class PoseConditionedDecoder(nn.Module):
    def __init__(self, code_length, decoder, hidden=256):
        super().__init__()
        layers = nn.Linear(code_length + 12, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU()
        self.all = nn.Sequential(*layers, decoder)
    def forward(self, z, world_from_camera):
        camera = camera_numbers(world_from_camera)
        batch = torch.broadcast_shapes(z.shape[:-1], camera.shape[:-1])
        return self.all(torch.cat([z.expand(*batch, -1), camera.expand(*batch, -1)], -1))

# %% exercise="novel_view_loss" wrong="gradient into the target"
def novel_view_loss(model, context_images, context_poses, target_images, target_poses, pixels):
    height, width = target_images.shape[-3:-1]
    uv = pixel_centers((height, width)).to(target_images).reshape(-1, 2)[pixels]
    truth = target_images.flatten(2, 3).gather(2, pixels[..., None].expand(*pixels.shape, 3))
    return (model(context_images, context_poses, uv, target_poses) - truth).square().mean()

# %% exercise="novel_view_loss" wrong="compared with the context"
def novel_view_loss(model, context_images, context_poses, target_images, target_poses, pixels):
    height, width = target_images.shape[-3:-1]
    uv = pixel_centers((height, width)).to(target_images).reshape(-1, 2)[pixels]
    truth = context_images.detach().flatten(2, 3).gather(2, pixels[..., None].expand(*pixels.shape, 3))
    return (model(context_images, context_poses, uv, target_poses) - truth).square().mean()

# %% exercise="novel_view_loss" wrong="the model is shown the targets"
_right = novel_view_loss
def novel_view_loss(model, context_images, context_poses, target_images, target_poses, pixels):
    def peeking(images, poses, uv, target):
        return model(target_images.detach(), target_poses, uv, target)
    return _right(peeking, context_images, context_poses, target_images, target_poses, pixels)

# %% exercise="novel_view_loss" wrong="the cameras of the context asked for"
_right = novel_view_loss
def novel_view_loss(model, context_images, context_poses, target_images, target_poses, pixels):
    def confused(images, poses, uv, target):
        return model(images, target, uv, poses)
    return _right(confused, context_images, context_poses, target_images, target_poses, pixels)

# %% exercise="novel_view_loss" wrong="rows and columns exchanged"
def novel_view_loss(model, context_images, context_poses, target_images, target_poses, pixels):
    height, width = target_images.shape[-3:-1]
    row, column = pixels % height, pixels // height
    uv = torch.stack([(column + 0.5) / width, (row + 0.5) / height], -1)
    colors = target_images.detach().flatten(2, 3)
    truth = colors.gather(2, (row * width + column)[..., None].expand(*pixels.shape, 3))
    return (model(context_images, context_poses, uv, target_poses) - truth).square().mean()

# %% exercise="novel_view_loss" wrong="vu instead of uv"
_right = novel_view_loss
def novel_view_loss(model, context_images, context_poses, target_images, target_poses, pixels):
    def turned(images, poses, uv, target):
        return model(images, poses, uv.flip(-1), target)
    return _right(turned, context_images, context_poses, target_images, target_poses, pixels)

# %% exercise="novel_view_loss" wrong="corners of pixels"
def novel_view_loss(model, context_images, context_poses, target_images, target_poses, pixels):
    height, width = target_images.shape[-3:-1]
    uv = torch.stack([(pixels % width) / width, (pixels // width) / height], -1)
    truth = target_images.detach().flatten(2, 3).gather(2, pixels[..., None].expand(*pixels.shape, 3))
    return (model(context_images, context_poses, uv, target_poses) - truth).square().mean()

# %% exercise="novel_view_loss" wrong="the outermost centres at 0 and 1"
def novel_view_loss(model, context_images, context_poses, target_images, target_poses, pixels):
    height, width = target_images.shape[-3:-1]
    uv = torch.stack([(pixels % width) / (width - 1), (pixels // width) / (height - 1)], -1)
    truth = target_images.detach().flatten(2, 3).gather(2, pixels[..., None].expand(*pixels.shape, 3))
    return (model(context_images, context_poses, uv, target_poses) - truth).square().mean()

# %% exercise="novel_view_loss" wrong="pixels, not uv"
_right = novel_view_loss
def novel_view_loss(model, context_images, context_poses, target_images, target_poses, pixels):
    height, width = target_images.shape[-3:-1]
    def coarse(images, poses, uv, target):
        return model(images, poses, uv * torch.tensor([width, height]), target)
    return _right(coarse, context_images, context_poses, target_images, target_poses, pixels)

# %% exercise="novel_view_loss" wrong="uv between −1 and 1"
_right = novel_view_loss
def novel_view_loss(model, context_images, context_poses, target_images, target_poses, pixels):
    def other(images, poses, uv, target):
        return model(images, poses, 2 * uv - 1, target)
    return _right(other, context_images, context_poses, target_images, target_poses, pixels)

# %% exercise="novel_view_loss" wrong="sum over the channels"
_right = novel_view_loss
def novel_view_loss(*args):
    return 3 * _right(*args)

# %% exercise="novel_view_loss" wrong="root of the mean"
_right = novel_view_loss
def novel_view_loss(*args):
    return _right(*args).sqrt()

# %% exercise="novel_view_loss" wrong="mean absolute error"
def novel_view_loss(model, context_images, context_poses, target_images, target_poses, pixels):
    height, width = target_images.shape[-3:-1]
    uv = pixel_centers((height, width)).to(target_images).reshape(-1, 2)[pixels]
    truth = target_images.detach().flatten(2, 3).gather(2, pixels[..., None].expand(*pixels.shape, 3))
    return (model(context_images, context_poses, uv, target_poses) - truth).abs().mean()

# %% exercise="novel_view_loss" wrong="a loss for each object"
def novel_view_loss(model, context_images, context_poses, target_images, target_poses, pixels):
    height, width = target_images.shape[-3:-1]
    uv = pixel_centers((height, width)).to(target_images).reshape(-1, 2)[pixels]
    truth = target_images.detach().flatten(2, 3).gather(2, pixels[..., None].expand(*pixels.shape, 3))
    return (model(context_images, context_poses, uv, target_poses) - truth).square().mean((1, 2, 3))

# %% exercise="novel_view_loss" wrong="the first target view only"
_right = novel_view_loss
def novel_view_loss(model, context_images, context_poses, target_images, target_poses, pixels):
    return _right(model, context_images, context_poses, target_images[:, :1], target_poses[:, :1], pixels[:, :1])

# %% exercise="novel_view_loss" wrong="the same pixels in all views"
_right = novel_view_loss
def novel_view_loss(model, context_images, context_poses, target_images, target_poses, pixels):
    return _right(model, context_images, context_poses, target_images, target_poses, pixels[:1, :1].expand(pixels.shape))

# %% exercise="novel_view_loss" wrong="a call for each target view"
def novel_view_loss(model, context_images, context_poses, target_images, target_poses, pixels):
    height, width = target_images.shape[-3:-1]
    uv = pixel_centers((height, width)).to(target_images).reshape(-1, 2)[pixels]
    truth = target_images.detach().flatten(2, 3).gather(2, pixels[..., None].expand(*pixels.shape, 3))
    colors = [model(context_images, context_poses, uv[:, [t]], target_poses[:, [t]]) for t in range(pixels.shape[1])]
    return (torch.cat(colors, 1) - truth).square().mean()

# %% exercise="novel_view_loss" wrong="the prediction detached"
_right = novel_view_loss
def novel_view_loss(model, context_images, context_poses, target_images, target_poses, pixels):
    def frozen(*args):
        return model(*args).detach()
    return _right(frozen, context_images, context_poses, target_images.clone().requires_grad_(), target_poses, pixels) + 0 * context_images.sum()

# %% exercise="novel_view_loss" wrong="context detached"
_right = novel_view_loss
def novel_view_loss(model, context_images, *rest):
    return _right(model, context_images.detach(), *rest)

# %% exercise="novel_view_loss" wrong="prediction clamped"
_right = novel_view_loss
def novel_view_loss(model, *rest):
    def clamped(*args):
        return model(*args).clamp(0.3, 0.7)
    return _right(clamped, *rest)

# %% exercise="novel_view_loss" right="by division and remainder, advanced indexing"
def novel_view_loss(model, context_images, context_poses, target_images, target_poses, pixels):
    b, t, h, w, _ = target_images.shape
    row, column = torch.div(pixels, w, rounding_mode="floor"), pixels % w
    uv = torch.stack(((column + 0.5) / w, (row + 0.5) / h), dim=-1)
    with torch.no_grad():
        truth = target_images[torch.arange(b)[:, None, None], torch.arange(t)[None, :, None], row, column]
    return F.mse_loss(model(context_images, context_poses, uv, target_poses), truth)

# %% exercise="novel_view_loss" right="loops over objects and views"
def novel_view_loss(model, context_images, context_poses, target_images, target_poses, pixels):
    b, t, p = pixels.shape
    h, w = target_images.shape[2], target_images.shape[3]
    centers = pixel_centers((h, w)).reshape(h * w, 2)
    uv = torch.zeros(b, t, p, 2).to(target_images)
    truth = torch.zeros(b, t, p, 3).to(target_images)
    for i in range(b):
        for j in range(t):
            uv[i, j] = centers[pixels[i, j]]
            truth[i, j] = target_images[i, j].reshape(h * w, 3)[pixels[i, j]].detach()
    error = model(context_images, context_poses, uv, target_poses) - truth
    return error.pow(2).sum() / (b * t * p * 3)

# %% exercise="novel_view_loss" right="take_along_dim"
def novel_view_loss(model, context_images, context_poses, target_images, target_poses, pixels):
    images = target_images.data
    h, w = images.shape[2:4]
    everywhere = torch.stack(torch.meshgrid((torch.arange(w) + 0.5) / w, (torch.arange(h) + 0.5) / h, indexing="xy"), -1)
    uv = everywhere.flatten(0, 1).to(images)[pixels.flatten()].unflatten(0, pixels.shape)
    truth = torch.take_along_dim(images.flatten(2, 3), pixels.unsqueeze(-1), dim=2)
    return torch.mean((truth - model(context_images, context_poses, uv, target_poses)) ** 2)

# %% exercise="novel_view_loss" wrong="Huber: squares of errors below 1 only"
def novel_view_loss(model, context_images, context_poses, target_images, target_poses, pixels):
    height, width = target_images.shape[-3:-1]
    uv = pixel_centers((height, width)).to(target_images).reshape(-1, 2)[pixels]
    truth = target_images.detach().flatten(2, 3).take_along_dim(pixels[..., None], 2)
    return 2 * F.smooth_l1_loss(model(context_images, context_poses, uv, target_poses), truth)

# %% exercise="image_metrics" wrong="SSIM: the constants exchanged"
def ssim(image, truth):
    if image.shape != truth.shape or min(image.shape[-3:-1]) < 11:
        raise ValueError("ssim")
    g = torch.exp(-(torch.arange(11) - 5) ** 2 / 4.5).to(image)
    w = torch.outer(g, g) / g.sum() ** 2
    def mean(values):
        planes = values.movedim(-1, -3).reshape(-1, 1, *values.shape[-3:-1])
        return F.conv2d(planes, w[None, None])
    x, y = mean(image), mean(truth)
    xx, yy, xy = mean(image**2) - x**2, mean(truth**2) - y**2, mean(image * truth) - x * y
    s = (2 * x * y + 9e-4) * (2 * xy + 1e-4) / ((x**2 + y**2 + 9e-4) * (xx + yy + 1e-4))
    return s.reshape(*image.shape[:-3], -1).mean(-1)

# %% exercise="image_metrics" wrong="SSIM: products of deviations instead of the covariance"
def ssim(image, truth):
    if image.shape != truth.shape or min(image.shape[-3:-1]) < 11:
        raise ValueError("ssim")
    g = torch.exp(-(torch.arange(11) - 5) ** 2 / 4.5).to(image)
    w = torch.outer(g, g) / g.sum() ** 2
    def mean(values):
        planes = values.movedim(-1, -3).reshape(-1, 1, *values.shape[-3:-1])
        return F.conv2d(planes, w[None, None])
    x, y = mean(image), mean(truth)
    xx, yy = mean(image**2) - x**2, mean(truth**2) - y**2
    xy = (xx.clamp_min(0) * yy.clamp_min(0)).sqrt()
    s = (2 * x * y + 1e-4) * (2 * xy + 9e-4) / ((x**2 + y**2 + 1e-4) * (xx + yy + 9e-4))
    return s.reshape(*image.shape[:-3], -1).mean(-1)

# %% exercise="auto_encoder" wrong="border replicated"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for i in (0, 2, 4):
            self.layers[i].padding_mode = "replicate"
            self.layers[i]._reversed_padding_repeated_twice = [1, 1, 1, 1]

# %% exercise="auto_encoder" wrong="ReLU before the sigmoid"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        return super().forward(codes).clamp_min(0.5)

# %% exercise="auto_encoder" wrong="nearest-exact enlargement"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        x = self.start(codes.reshape(-1, codes.shape[-1]))
        for side, convolve in zip(self.sides, self.steps):
            x = convolve(F.interpolate(F.relu(x), size=(side, side), mode="nearest-exact"))
        return torch.sigmoid(x).movedim(1, -1).reshape(*codes.shape[:-1], side, side, -1)

# %% exercise="auto_encoder" wrong="width halved by default"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def __init__(self, channels, size, code_length, width=16):
        super().__init__(channels, size, code_length, width)

# %% exercise="encode_set" wrong="weights by the norm of the codes"
def encode_set(encoder, images, world_from_camera, seen=None):
    if seen is None:
        seen = torch.ones(images.shape[:2], dtype=torch.bool)
    if not seen.any(1).all():
        raise ValueError("no view")
    rows = []
    for i, p, s in zip(images, world_from_camera, seen):
        codes = encoder(i[s], p[s])
        rows.append((codes.norm(dim=-1).softmax(0)[:, None] * codes).sum(0))
    return torch.stack(rows)

# %% exercise="pose_conditioned_decoder" wrong="code normalised"
_Right = PoseConditionedDecoder
class PoseConditionedDecoder(_Right):
    def forward(self, z, world_from_camera):
        return super().forward(F.normalize(z, dim=-1), world_from_camera)

# %% exercise="novel_view_loss" wrong="decibels"
_right = novel_view_loss
def novel_view_loss(*args):
    return -10 * torch.log10(_right(*args))

# %% exercise="novel_view_loss" wrong="1 % too much"
_right = novel_view_loss
def novel_view_loss(*args):
    return 1.01 * _right(*args)

# %% exercise="pca_codes" wrong="1 % too long"
_right = pca_codes
def pca_codes(X, k):
    codes, basis, mean = _right(X, k)
    return codes, 1.01 * basis, mean

# --- second half

# %% exercise="functional_mlp" wrong="normalised after the last layer too"
def functional_mlp(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.relu(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="functional_mlp" wrong="normalised after the last layer, without ReLU"
def functional_mlp(weights, x):
    for i, (W, b) in enumerate(weights):
        if W.shape[0] != x.shape[0] or W.shape[2] != x.shape[2]:
            raise ValueError(f"layer {i} does not fit")
        x = torch.einsum("boi,bni->bno", W, x) + b[:, None]
        x = F.layer_norm(x, x.shape[-1:])
        if i < len(weights) - 1:
            x = F.relu(x)
    return x

# %% exercise="functional_mlp" wrong="the first object's network for all"
_right = functional_mlp
def functional_mlp(weights, x):
    return _right([(W[:1].expand_as(W), b[:1].expand_as(b)) for W, b in weights], x)

# %% exercise="functional_mlp" wrong="the mean of all networks"
_right = functional_mlp
def functional_mlp(weights, x):
    return _right([(W.mean(0, True).expand_as(W), b.mean(0, True).expand_as(b)) for W, b in weights], x)

# %% exercise="functional_mlp" wrong="W not transposed"
def functional_mlp(weights, x):
    for layer, (W, b) in enumerate(weights):
        if layer > 0:
            x = F.relu(F.layer_norm(x, x.shape[-1:]))
        x = x @ W.reshape(len(W), W.shape[2], W.shape[1]) + b[:, None]
    return x

# %% exercise="functional_mlp" wrong="ReLU before the normalisation"
def functional_mlp(weights, x):
    for layer, (W, b) in enumerate(weights):
        if len(W) != len(x) or W.shape[-1] != x.shape[-1]:
            raise ValueError(f"layer {layer} does not fit")
        if layer > 0:
            x = F.layer_norm(F.relu(x), x.shape[-1:])
        x = torch.baddbmm(b[:, None], x, W.mT)
    return x

# %% exercise="functional_mlp" wrong="ReLU before the normalisation"
def functional_mlp(weights, x):
    for i, (W, b) in enumerate(weights):
        if len(W) != len(x) or W.shape[-1] != x.shape[-1]:
            raise ValueError(f"layer {i}")
        if i > 0:
            x = F.layer_norm(F.relu(x), x.shape[-1:])
        x = torch.einsum("boi,bni->bno", W, x) + b[:, None]
    return x

# %% exercise="functional_mlp" wrong="root mean square in place of the standard deviation"
def functional_mlp(weights, x):
    for i, (W, b) in enumerate(weights):
        if len(W) != len(x) or W.shape[-1] != x.shape[-1]:
            raise ValueError(f"layer {i}")
        if i > 0:
            x = F.relu(x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5))
        x = torch.einsum("boi,bni->bno", W, x) + b[:, None]
    return x

# %% exercise="functional_mlp" wrong="no normalisation"
def functional_mlp(weights, x):
    for layer, (W, b) in enumerate(weights):
        if len(W) != len(x) or W.shape[-1] != x.shape[-1]:
            raise ValueError(f"layer {layer} does not fit")
        x = torch.baddbmm(b[:, None], F.relu(x) if layer else x, W.mT)
    return x

# %% exercise="functional_mlp" wrong="no ReLU"
def functional_mlp(weights, x):
    for layer, (W, b) in enumerate(weights):
        if len(W) != len(x) or W.shape[-1] != x.shape[-1]:
            raise ValueError(f"layer {layer} does not fit")
        x = torch.baddbmm(b[:, None], F.layer_norm(x, x.shape[-1:]) if layer else x, W.mT)
    return x

# %% exercise="functional_mlp" wrong="the input is normalised too"
def functional_mlp(weights, x):
    for layer, (W, b) in enumerate(weights):
        if len(W) != len(x) or W.shape[-1] != x.shape[-1]:
            raise ValueError(f"layer {layer} does not fit")
        x = torch.baddbmm(b[:, None], F.relu(F.layer_norm(x, x.shape[-1:])), W.mT)
    return x

# %% exercise="functional_mlp" wrong="another epsilon"
def functional_mlp(weights, x):
    for layer, (W, b) in enumerate(weights):
        if len(W) != len(x) or W.shape[-1] != x.shape[-1]:
            raise ValueError(f"layer {layer} does not fit")
        if layer > 0:
            x = F.relu(F.layer_norm(x, x.shape[-1:], eps=1e-8))
        x = torch.baddbmm(b[:, None], x, W.mT)
    return x

# %% exercise="functional_mlp" wrong="epsilon added to the standard deviation"
def functional_mlp(weights, x):
    for layer, (W, b) in enumerate(weights):
        if len(W) != len(x) or W.shape[-1] != x.shape[-1]:
            raise ValueError(f"layer {layer} does not fit")
        if layer > 0:
            spread = x.var(-1, keepdim=True, unbiased=False).sqrt()
            x = F.relu((x - x.mean(-1, keepdim=True)) / (spread + 1e-5))
        x = torch.baddbmm(b[:, None], x, W.mT)
    return x

# %% exercise="functional_mlp" wrong="variance divided by n minus 1"
def functional_mlp(weights, x):
    for layer, (W, b) in enumerate(weights):
        if len(W) != len(x) or W.shape[-1] != x.shape[-1]:
            raise ValueError(f"layer {layer} does not fit")
        if layer > 0:
            variance = x.var(-1, keepdim=True) if x.shape[-1] > 1 else torch.zeros_like(x)
            x = F.relu((x - x.mean(-1, keepdim=True)) / (variance + 1e-5).sqrt())
        x = torch.baddbmm(b[:, None], x, W.mT)
    return x

# %% exercise="functional_mlp" wrong="normalised over the points"
def functional_mlp(weights, x):
    for layer, (W, b) in enumerate(weights):
        if len(W) != len(x) or W.shape[-1] != x.shape[-1]:
            raise ValueError(f"layer {layer} does not fit")
        if layer > 0:
            x = F.relu(F.layer_norm(x.mT, x.shape[1:2]).mT)
        x = torch.baddbmm(b[:, None], x, W.mT)
    return x

# %% exercise="functional_mlp" wrong="normalised over points and features at once"
def functional_mlp(weights, x):
    for layer, (W, b) in enumerate(weights):
        if len(W) != len(x) or W.shape[-1] != x.shape[-1]:
            raise ValueError(f"layer {layer} does not fit")
        if layer > 0:
            x = F.relu(F.layer_norm(x, x.shape[1:]))
        x = torch.baddbmm(b[:, None], x, W.mT)
    return x

# %% exercise="functional_mlp" wrong="leaky ReLU"
def functional_mlp(weights, x):
    for layer, (W, b) in enumerate(weights):
        if len(W) != len(x) or W.shape[-1] != x.shape[-1]:
            raise ValueError(f"layer {layer} does not fit")
        if layer > 0:
            x = F.leaky_relu(F.layer_norm(x, x.shape[-1:]))
        x = torch.baddbmm(b[:, None], x, W.mT)
    return x

# %% exercise="functional_mlp" wrong="b forgotten"
_right = functional_mlp
def functional_mlp(weights, x):
    return _right([(W, torch.zeros_like(b)) for W, b in weights], x)

# %% exercise="functional_mlp" wrong="b only in the last layer"
_right = functional_mlp
def functional_mlp(weights, x):
    last = len(weights) - 1
    return _right([(W, b if i == last else torch.zeros_like(b)) for i, (W, b) in enumerate(weights)], x)

# %% exercise="functional_mlp" wrong="weights copied: nothing learns"
_right = functional_mlp
def functional_mlp(weights, x):
    return _right([(W.detach(), b.detach()) for W, b in weights], x)

# %% exercise="functional_mlp" wrong="an nn.Linear for each object"
def functional_mlp(weights, x):
    for layer, (W, b) in enumerate(weights):
        if len(W) != len(x) or W.shape[-1] != x.shape[-1]:
            raise ValueError(f"layer {layer} does not fit")
        if layer > 0:
            x = F.relu(F.layer_norm(x, x.shape[-1:]))
        rows = []
        for i in range(len(x)):
            linear = nn.Linear(W.shape[2], W.shape[1])
            linear.weight.data, linear.bias.data = W[i], b[i]
            rows.append(linear(x[i]))
        x = torch.stack(rows)
    return x

# %% exercise="functional_mlp" wrong="the biases' gradient is lost"
_right = functional_mlp
def functional_mlp(weights, x):
    return _right([(W, b.detach()) for W, b in weights], x)

# %% exercise="functional_mlp" wrong="layers that do not fit are not refused"
def functional_mlp(weights, x):
    for layer, (W, b) in enumerate(weights):
        if layer > 0:
            x = F.relu(F.layer_norm(x, x.shape[-1:]))
        x = torch.matmul(x, W.mT) + b[:, None]
    return x

# %% exercise="functional_mlp" wrong="layers counted from 1 in the message"
_right = functional_mlp
def functional_mlp(weights, x):
    try:
        return _right(weights, x)
    except ValueError as error:
        for layer in (2, 1, 0):
            if f"layer {layer}" in str(error):
                raise ValueError(f"layer {layer + 1} does not fit") from None

# %% exercise="functional_mlp" wrong="one network for many objects is not refused"
def functional_mlp(weights, x):
    for layer, (W, b) in enumerate(weights):
        if W.shape[-1] != x.shape[-1] or len(W) not in (1, len(x)):
            raise ValueError(f"layer {layer} does not fit")
        if layer > 0:
            x = F.relu(F.layer_norm(x, x.shape[-1:]))
        x = x @ W.mT + b[:, None]
    return x

# %% exercise="functional_mlp" wrong="an assertion instead of a ValueError"
_right = functional_mlp
def functional_mlp(weights, x):
    try:
        return _right(weights, x)
    except ValueError as error:
        assert False, str(error)

# %% exercise="functional_mlp" wrong="squeezed"
_right = functional_mlp
def functional_mlp(weights, x):
    return _right(weights, x).squeeze()

# %% exercise="functional_mlp" wrong="mean and variance detached"
def functional_mlp(weights, x):
    for i, (W, b) in enumerate(weights):
        if len(W) != len(x) or W.shape[2] != x.shape[2]:
            raise ValueError(f"layer {i}: {W.shape} {x.shape}")
        if i > 0:
            mean = x.mean(-1, keepdim=True).detach()
            variance = x.var(-1, keepdim=True, unbiased=False).detach()
            x = ((x - mean) / (variance + 1e-5).sqrt()).relu()
        x = x @ W.mT + b[:, None]
    return x

# %% exercise="functional_mlp" right="einsum, written-out normalisation"
def functional_mlp(weights, x):
    for number, (W, b) in enumerate(weights):
        if W.shape[0] != x.shape[0]:
            raise ValueError(f"weights[{number}] is for {W.shape[0]} objects, not {x.shape[0]}")
        if W.shape[2] != x.shape[2]:
            raise ValueError(f"weights[{number}] reads {W.shape[2]} features, not {x.shape[2]}")
        if number != 0:
            mean = x.mean(dim=-1, keepdim=True)
            variance = ((x - mean) ** 2).mean(dim=-1, keepdim=True)
            x = ((x - mean) * torch.rsqrt(variance + 1e-5)).clamp(min=0)
        x = torch.einsum("boi,bni->bno", W, x) + b.unsqueeze(1)
    return x

# %% exercise="functional_mlp" right="object by object"
def functional_mlp(weights, x):
    features = x.shape[-1]
    for k, (W, b) in enumerate(weights):
        if W.shape != (len(x), b.shape[-1], features):
            raise ValueError(f"Layer {k}: {tuple(W.shape)}")
        features = W.shape[1]
    outputs = []
    for i in range(len(x)):
        h = x[i]
        for k, (W, b) in enumerate(weights):
            if k:
                h = torch.relu(nn.LayerNorm(h.shape[-1], elementwise_affine=False)(h))
            h = F.linear(h, W[i], b[i])
        outputs.append(h)
    return torch.stack(outputs)

# %% exercise="functional_mlp" right="vmap over objects"
def functional_mlp(weights, x):
    n = x.shape[-1]
    for k, (W, _) in enumerate(weights):
        if W.shape[0] != x.shape[0] or W.shape[-1] != n:
            raise ValueError(f"the layer with number {k} does not fit: {W.shape[0]} objects, {W.shape[-1]} inputs")
        n = W.shape[1]
    def one(layers, h):
        for k, (W, b) in enumerate(layers):
            if k > 0:
                h = F.layer_norm(h, (h.shape[-1],)).relu()
            h = h @ W.T + b
        return h
    return torch.vmap(one)([tuple(layer) for layer in weights], x)

# %% exercise="functional_mlp" right="in float64, normalised after all layers but the last"
def functional_mlp(weights, x):
    dtype, h = x.dtype, x.double()
    for k, (W, b) in enumerate(weights):
        if W.shape[0] != h.shape[0] or W.shape[2] != h.shape[2]:
            raise ValueError(f"layer {k} does not fit: W {list(W.shape)} and x {list(h.shape)}")
        h = torch.bmm(h, W.double().transpose(-1, -2)) + b.double()[:, None, :]
        if k + 1 < len(weights):
            h = F.relu(F.layer_norm(h, h.shape[-1:]))
    return h.to(dtype)

# %% exercise="hypernetwork" wrong="one head for all layers"
class HyperNetwork(nn.Module):
    def __init__(self, code_length, sizes, hidden=64):
        super().__init__()
        self.sizes = list(pairwise(sizes))
        self.trunk = nn.Linear(code_length, hidden)
        self.head = nn.Linear(hidden, sum((i + 1) * o for i, o in self.sizes))
    def forward(self, z):
        flat = self.head(F.relu(self.trunk(z)))
        weights = []
        for i, o in self.sizes:
            W, b, flat = flat.split([i * o, o, flat.shape[-1] - (i + 1) * o], -1)
            weights.append((W.unflatten(-1, (o, i)), b))
        return weights

# %% exercise="hypernetwork" wrong="b before W"
_right = HyperNetwork
class HyperNetwork(_right):
    def forward(self, z):
        h, weights = self.trunk(z), []
        for (i, o), head in zip(self.sizes, self.heads):
            b, W = head(h).split([o, i * o], -1)
            weights.append((W.unflatten(-1, (o, i)), b))
        return weights

# %% exercise="hypernetwork" wrong="column by column"
_right = HyperNetwork
class HyperNetwork(_right):
    def forward(self, z):
        return [(W.flatten(1).unflatten(1, W.mT.shape[1:]).mT, b) for W, b in super().forward(z)]

# %% exercise="hypernetwork" wrong="W transposed"
_right = HyperNetwork
class HyperNetwork(_right):
    def forward(self, z):
        return [(W.mT, b) for W, b in super().forward(z)]

# %% exercise="hypernetwork" wrong="no ReLU"
_right = HyperNetwork
class HyperNetwork(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.trunk[1] = nn.Identity()

# %% exercise="hypernetwork" wrong="tanh instead of ReLU"
_right = HyperNetwork
class HyperNetwork(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.trunk[1] = nn.Tanh()

# %% exercise="hypernetwork" wrong="ReLU on the weights it writes"
_right = HyperNetwork
class HyperNetwork(_right):
    def forward(self, z):
        return [(F.relu(W), F.relu(b)) for W, b in super().forward(z)]

# %% exercise="hypernetwork" wrong="two hidden layers"
_right = HyperNetwork
class HyperNetwork(_right):
    def __init__(self, code_length, sizes, hidden=64):
        super().__init__(code_length, sizes, hidden)
        self.trunk.extend([nn.Linear(hidden, hidden), nn.ReLU()])

# %% exercise="hypernetwork" wrong="a trunk for every head"
_right = HyperNetwork
class HyperNetwork(nn.Module):
    def __init__(self, code_length, sizes, hidden=64):
        super().__init__()
        self.parts = nn.ModuleList(_right(code_length, pair, hidden) for pair in pairwise(sizes))
    def forward(self, z):
        return [part(z)[0] for part in self.parts]

# %% exercise="hypernetwork" wrong="no biases written"
class HyperNetwork(nn.Module):
    def __init__(self, code_length, sizes, hidden=64):
        super().__init__()
        self.sizes = list(pairwise(sizes))
        self.trunk = nn.Linear(code_length, hidden)
        self.heads = nn.ModuleList(nn.Linear(hidden, i * o) for i, o in self.sizes)
    def forward(self, z):
        h = F.relu(self.trunk(z))
        return [(head(h).unflatten(-1, (o, i)), h.new_zeros(len(h), o)) for (i, o), head in zip(self.sizes, self.heads)]

# %% exercise="hypernetwork" wrong="heads without bias"
class HyperNetwork(nn.Module):
    def __init__(self, code_length, sizes, hidden=64):
        super().__init__()
        self.sizes = list(pairwise(sizes))
        self.trunk = nn.Linear(code_length, hidden)
        self.heads = nn.ModuleList(nn.Linear(hidden, (i + 1) * o, bias=False) for i, o in self.sizes)
    def forward(self, z):
        h = F.relu(self.trunk(z))
        return [(head(h)[:, : i * o].unflatten(-1, (o, i)), head(h)[:, i * o :]) for (i, o), head in zip(self.sizes, self.heads)]

# %% exercise="hypernetwork" wrong="the heads' biases start at zero"
_right = HyperNetwork
class HyperNetwork(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for head in self.heads:
            nn.init.zeros_(head.bias)

# %% exercise="hypernetwork" wrong="the heads' biases as nn.Linear draws them for the head"
_right = HyperNetwork
class HyperNetwork(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for head in self.heads:
            bound = 1 / math.sqrt(head.in_features)
            nn.init.uniform_(head.bias, -bound, bound)

# %% exercise="hypernetwork" wrong="b starts at zero"
_right = HyperNetwork
class HyperNetwork(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for (_, outputs), head in zip(self.sizes, self.heads):
            nn.init.zeros_(head.bias.data[-outputs:])

# %% exercise="hypernetwork" wrong="W starts with the rule for b's head: outputs in the bound"
_right = HyperNetwork
class HyperNetwork(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for (_, outputs), head in zip(self.sizes, self.heads):
            bound = 1 / math.sqrt(outputs)
            nn.init.uniform_(head.bias, -bound, bound)

# %% exercise="hypernetwork" wrong="Kaiming start of W with gain 2"
_right = HyperNetwork
class HyperNetwork(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for (inputs, outputs), head in zip(self.sizes, self.heads):
            W = torch.empty(outputs, inputs)
            nn.init.kaiming_uniform_(W, nonlinearity="relu")
            head.bias.data[: inputs * outputs] = W.flatten()

# %% exercise="hypernetwork" wrong="the heads' weights are not scaled"
_right = HyperNetwork
class HyperNetwork(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for head in self.heads:
            head.weight.data *= 10

# %% exercise="hypernetwork" wrong="the heads' weights scaled twice"
_right = HyperNetwork
class HyperNetwork(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for head in self.heads:
            head.weight.data *= 0.1

# %% exercise="hypernetwork" wrong="the last head's weight is not scaled"
_right = HyperNetwork
class HyperNetwork(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.heads[-1].weight.data *= 10

# %% exercise="hypernetwork" wrong="the heads' weights start at zero"
_right = HyperNetwork
class HyperNetwork(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for head in self.heads:
            nn.init.zeros_(head.weight)

# %% exercise="hypernetwork" wrong="normal start of the heads' weights"
_right = HyperNetwork
class HyperNetwork(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for head in self.heads:
            nn.init.normal_(head.weight, std=0.1 / math.sqrt(3 * head.in_features))

# %% exercise="hypernetwork" wrong="the same seed for every head"
_right = HyperNetwork
class HyperNetwork(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for head in self.heads:
            generator = torch.Generator().manual_seed(0)
            draws = torch.rand(head.weight.shape, generator=generator)
            head.weight.data = (2 * draws - 1) * 0.1 / math.sqrt(head.in_features)

# %% exercise="hypernetwork" wrong="a seed of its own: all models start alike"
_right = HyperNetwork
class HyperNetwork(_right):
    def __init__(self, *args, **kwargs):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            super().__init__(*args, **kwargs)

# %% exercise="hypernetwork" wrong="the heads' weights a little too small"
_right = HyperNetwork
class HyperNetwork(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for head in self.heads:
            head.weight.data *= 0.98

# %% exercise="hypernetwork" wrong="weights written without gradient"
_right = HyperNetwork
class HyperNetwork(_right):
    def forward(self, z):
        return [(W.detach(), b) for W, b in super().forward(z)]

# %% exercise="hypernetwork" wrong="nothing learns"
_right = HyperNetwork
class HyperNetwork(_right):
    @torch.no_grad()
    def forward(self, z):
        return super().forward(z)

# %% exercise="hypernetwork" wrong="128 hidden features by default"
_right = HyperNetwork
class HyperNetwork(_right):
    def __init__(self, code_length, sizes, hidden=128):
        super().__init__(code_length, sizes, hidden)

# %% exercise="hypernetwork" wrong="one network, the mean over the codes"
_right = HyperNetwork
class HyperNetwork(_right):
    def forward(self, z):
        return super().forward(z.mean(0, keepdim=True).expand_as(z))

# %% exercise="hypernetwork" wrong="a flat list"
_right = HyperNetwork
class HyperNetwork(_right):
    def forward(self, z):
        return [tensor for layer in super().forward(z) for tensor in layer]

# %% exercise="hypernetwork" wrong="a generator"
_right = HyperNetwork
class HyperNetwork(_right):
    def forward(self, z):
        return (pair for pair in super().forward(z))

# %% exercise="hypernetwork" wrong="no module, nothing to learn"
class HyperNetwork:
    def __init__(self, code_length, sizes, hidden=64):
        self.sizes = sizes
    def __call__(self, z):
        return [(torch.zeros(len(z), o, i), torch.zeros(len(z), o)) for i, o in pairwise(self.sizes)]

# %% exercise="hypernetwork" wrong="layer normalisation of the features, without parameters"
_right = HyperNetwork
class HyperNetwork(_right):
    def __init__(self, code_length, sizes, hidden=64):
        super().__init__(code_length, sizes, hidden)
        self.trunk.append(nn.LayerNorm(hidden, elementwise_affine=False))

# %% exercise="hypernetwork" wrong="every linear layer scaled, the first included"
class HyperNetwork(nn.Module):
    def __init__(self, code_length, sizes, hidden=64):
        super().__init__()
        self.shapes = [(b, a) for a, b in pairwise(sizes)]
        self.trunk = nn.Sequential(nn.Linear(code_length, hidden), nn.ReLU())
        self.heads = nn.ModuleList(nn.Linear(hidden, (a + 1) * b) for b, a in self.shapes)
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                layer.weight.data.mul_(0.1)
        for (b, a), head in zip(self.shapes, self.heads):
            fresh = nn.Linear(a, b)
            head.bias.data = torch.cat([fresh.weight.data.flatten(), fresh.bias.data])

    def forward(self, z):
        written = [head(self.trunk(z)) for head in self.heads]
        return [(p[:, : a * b].view(-1, b, a), p[:, a * b :]) for p, (b, a) in zip(written, self.shapes)]

# %% exercise="hypernetwork" right="parameters by hand, einsum"
class HyperNetwork(nn.Module):
    def __init__(self, code_length, sizes, hidden=64):
        super().__init__()
        self.sizes = tuple(sizes)
        bound = code_length**-0.5
        self.A = nn.Parameter(torch.empty(hidden, code_length).uniform_(-bound, bound))
        self.a = nn.Parameter(torch.empty(hidden).uniform_(-bound, bound))
        self.B, self.c = nn.ParameterList(), nn.ParameterList()
        for i in range(len(sizes) - 1):
            count = (sizes[i] + 1) * sizes[i + 1]
            self.B.append(nn.Parameter(0.1 * (2 * torch.rand(count, hidden) - 1) / hidden**0.5))
            self.c.append(nn.Parameter((2 * torch.rand(count) - 1) / sizes[i] ** 0.5))
    def forward(self, z):
        h = torch.einsum("hd,bd->bh", self.A, z).add(self.a).clamp_min(0)
        written = ()
        for i, (B, c) in enumerate(zip(self.B, self.c)):
            numbers = torch.einsum("ph,bh->bp", B, h) + c
            n, m = self.sizes[i], self.sizes[i + 1]
            written += ((numbers[:, : n * m].reshape(-1, m, n), numbers[:, n * m :]),)
        return written

# %% exercise="hypernetwork" right="a submodule for each head, in a dictionary"
class Head(nn.Module):
    def __init__(self, hidden, inputs, outputs):
        super().__init__()
        self.shape = (outputs, inputs)
        self.to_numbers = nn.Linear(hidden, outputs * inputs + outputs)
        start = nn.Linear(inputs, outputs)
        self.to_numbers.weight.data.mul_(0.1)
        self.to_numbers.bias.data = nn.utils.parameters_to_vector(start.parameters()).detach()
    def forward(self, h):
        numbers, count = self.to_numbers(h), self.shape[0] * self.shape[1]
        return [numbers[..., :count].view(len(h), *self.shape), numbers[..., count:]]
class HyperNetwork(nn.Module):
    def __init__(self, code_length, sizes, hidden=64):
        super().__init__()
        self.register_buffer("made_for", torch.tensor(list(sizes)))
        self.embed = nn.Linear(code_length, hidden)
        pairs = zip(sizes, sizes[1:])
        self.heads = nn.ModuleDict({f"layer{k}": Head(hidden, i, o) for k, (i, o) in enumerate(pairs)})
    def forward(self, z):
        h = torch.relu(self.embed(z))
        return [head(h) for head in self.heads.values()]

# %% exercise="concat_condition" wrong="the code first"
def concat_condition(mlp, z, x):
    return mlp(torch.cat([z[:, None].expand(-1, x.shape[1], -1), x], dim=-1))

# %% exercise="concat_condition" wrong="code i beside point i"
def concat_condition(mlp, z, x):
    codes = z[None].expand(x.shape[0], -1, -1) if len(z) == x.shape[1] else z[:, None].expand(-1, x.shape[1], -1)
    return mlp(torch.cat([x, codes], dim=-1))

# %% exercise="concat_condition" wrong="repeated in the wrong order"
def concat_condition(mlp, z, x):
    codes = z.repeat(x.shape[1], 1).reshape(*x.shape[:2], -1)
    return mlp(torch.cat([x, codes], dim=-1))

# %% exercise="concat_condition" wrong="added instead of concatenated"
def concat_condition(mlp, z, x):
    return mlp(x + z[:, None])

# %% exercise="concat_condition" wrong="concatenated along the points"
def concat_condition(mlp, z, x):
    return mlp(torch.cat([x, z[:, None]], dim=1))

# %% exercise="concat_condition" wrong="no code"
def concat_condition(mlp, z, x):
    return mlp(torch.cat([x, torch.zeros_like(z)[:, None].expand(-1, x.shape[1], -1)], dim=-1))

# %% exercise="concat_condition" wrong="the first object's code for all"
def concat_condition(mlp, z, x):
    return mlp(torch.cat([x, z[:1, None].expand(len(x), x.shape[1], -1)], dim=-1))

# %% exercise="concat_condition" wrong="the mean code for all"
def concat_condition(mlp, z, x):
    return mlp(torch.cat([x, z.mean(0).expand(*x.shape[:2], -1)], dim=-1))

# %% exercise="concat_condition" wrong="the code for the first point only"
def concat_condition(mlp, z, x):
    codes = torch.zeros(*x.shape[:2], z.shape[1])
    codes[:, 0] = z
    return mlp(torch.cat([x, codes], dim=-1))

# %% exercise="concat_condition" wrong="ReLU on the result"
_right = concat_condition
def concat_condition(mlp, z, x):
    return F.relu(_right(mlp, z, x))

# %% exercise="concat_condition" wrong="the points added to the result"
_right = concat_condition
def concat_condition(mlp, z, x):
    y = _right(mlp, z, x)
    return y + x.sum(-1, keepdim=True)

# %% exercise="concat_condition" wrong="codes detached"
_right = concat_condition
def concat_condition(mlp, z, x):
    return _right(mlp, z.detach(), x)

# %% exercise="concat_condition" wrong="points detached"
_right = concat_condition
def concat_condition(mlp, z, x):
    return _right(mlp, z, x.detach())

# %% exercise="concat_condition" wrong="squeezed"
_right = concat_condition
def concat_condition(mlp, z, x):
    return _right(mlp, z, x).squeeze()

# %% exercise="concat_condition" wrong="a flat list of points comes back"
_right = concat_condition
def concat_condition(mlp, z, x):
    return _right(mlp, z, x).flatten(0, 1)

# %% exercise="concat_condition" wrong="codes normalised"
_right = concat_condition
def concat_condition(mlp, z, x):
    return _right(mlp, F.normalize(z, dim=-1), x)

# %% exercise="concat_condition" wrong="a network of its own"
def concat_condition(mlp, z, x):
    both = torch.cat([x, z[:, None].expand(-1, x.shape[1], -1)], dim=-1)
    return nn.Linear(both.shape[-1], mlp(both).shape[-1])(both)

# %% exercise="concat_condition" right="repeat_interleave, one flat list"
def concat_condition(mlp, z, x):
    b, n, c = x.shape
    rows = torch.cat((x.reshape(b * n, c), z.repeat_interleave(n, dim=0)), 1)
    return mlp(rows).reshape(b, n, -1)

# %% exercise="concat_condition" right="an empty tensor filled, object by object"
def concat_condition(mlp, z, x):
    found = []
    for points, code in zip(x, z):
        both = points.new_empty(len(points), points.shape[1] + len(code))
        both[:, : points.shape[1]] = points
        both[:, points.shape[1] :] = code
        found.append(mlp(both))
    return torch.stack(found)

# %% exercise="concat_condition" right="by vmap"
def concat_condition(mlp, z, x):
    return torch.vmap(torch.vmap(lambda p, c: mlp(torch.hstack([p, c])), (0, None)))(x, z)

# %% exercise="film_condition" wrong="gamma without the 1"
_right = FilmLayer
class FilmLayer(_right):
    def forward(self, x, z):
        scale, shift = self.condition(z)[:, None].chunk(2, dim=-1)
        return scale * self.linear(x) + shift

# %% exercise="film_condition" wrong="gamma and beta exchanged"
_right = FilmLayer
class FilmLayer(_right):
    def forward(self, x, z):
        shift, scale = self.condition(z)[:, None].chunk(2, dim=-1)
        return (1 + scale) * self.linear(x) + shift

# %% exercise="film_condition" wrong="gamma and beta in turn"
_right = FilmLayer
class FilmLayer(_right):
    def forward(self, x, z):
        both = self.condition(z)[:, None]
        return (1 + both[..., ::2]) * self.linear(x) + both[..., 1::2]

# %% exercise="film_condition" wrong="random start"
_right = FilmLayer
class FilmLayer(_right):
    def __init__(self, *args):
        super().__init__(*args)
        self.condition.reset_parameters()

# %% exercise="film_condition" wrong="the bias of the code's layer starts at random"
_right = FilmLayer
class FilmLayer(_right):
    def __init__(self, in_features, out_features, code_length):
        super().__init__(in_features, out_features, code_length)
        nn.init.uniform_(self.condition.bias, -0.1, 0.1)

# %% exercise="film_condition" wrong="a small random start"
_right = FilmLayer
class FilmLayer(_right):
    def __init__(self, *args):
        super().__init__(*args)
        nn.init.normal_(self.condition.weight, std=1e-3)

# %% exercise="film_condition" wrong="everything starts at zero"
_right = FilmLayer
class FilmLayer(_right):
    def __init__(self, *args):
        super().__init__(*args)
        for parameter in self.parameters():
            nn.init.zeros_(parameter)

# %% exercise="film_condition" wrong="the bias starts at 1 in place of adding it"
_right = FilmLayer
class FilmLayer(_right):
    def __init__(self, in_features, out_features, code_length):
        super().__init__(in_features, out_features, code_length)
        nn.init.ones_(self.condition.bias[:out_features])
    def forward(self, x, z):
        scale, shift = self.condition(z)[:, None].chunk(2, dim=-1)
        return scale * self.linear(x) + shift

# %% exercise="film_condition" wrong="ReLU at the end"
_right = FilmLayer
class FilmLayer(_right):
    def forward(self, x, z):
        return F.relu(super().forward(x, z))

# %% exercise="film_condition" wrong="ReLU before the modulation"
_right = FilmLayer
class FilmLayer(_right):
    def forward(self, x, z):
        scale, shift = self.condition(z)[:, None].chunk(2, dim=-1)
        return (1 + scale) * F.relu(self.linear(x)) + shift

# %% exercise="film_condition" wrong="gamma multiplies W x, not b"
_right = FilmLayer
class FilmLayer(_right):
    def forward(self, x, z):
        scale, shift = self.condition(z)[:, None].chunk(2, dim=-1)
        return (1 + scale) * (x @ self.linear.weight.T) + self.linear.bias + shift

# %% exercise="film_condition" wrong="gamma multiplies the shift too"
_right = FilmLayer
class FilmLayer(_right):
    def forward(self, x, z):
        scale, shift = self.condition(z)[:, None].chunk(2, dim=-1)
        return (1 + scale) * (self.linear(x) + shift)

# %% exercise="film_condition" wrong="no shift"
_right = FilmLayer
class FilmLayer(_right):
    def forward(self, x, z):
        scale, _ = self.condition(z)[:, None].chunk(2, dim=-1)
        return (1 + scale) * self.linear(x)

# %% exercise="film_condition" wrong="modulates the input"
class FilmLayer(nn.Module):
    def __init__(self, in_features, out_features, code_length):
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)
        self.condition = nn.Linear(code_length, 2 * in_features)
        nn.init.zeros_(self.condition.weight)
        nn.init.zeros_(self.condition.bias)
    def forward(self, x, z):
        scale, shift = self.condition(z)[:, None].chunk(2, dim=-1)
        return self.linear((1 + scale) * x + shift)

# %% exercise="film_condition" wrong="one number for all features"
class FilmLayer(nn.Module):
    def __init__(self, in_features, out_features, code_length):
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)
        self.condition = nn.Linear(code_length, 2)
        nn.init.zeros_(self.condition.weight)
        nn.init.zeros_(self.condition.bias)
    def forward(self, x, z):
        scale, shift = self.condition(z)[:, None].chunk(2, dim=-1)
        return (1 + scale) * self.linear(x) + shift

# %% exercise="film_condition" wrong="two layers for the code"
class FilmLayer(nn.Module):
    def __init__(self, in_features, out_features, code_length):
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)
        self.gamma = nn.Linear(code_length, out_features)
        self.beta = nn.Linear(code_length, out_features)
        for layer in (self.gamma, self.beta):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
    def forward(self, x, z):
        return (1 + self.gamma(z)[:, None]) * self.linear(x) + self.beta(z)[:, None]

# %% exercise="film_condition" wrong="the code's layer has no bias"
class FilmLayer(nn.Module):
    def __init__(self, in_features, out_features, code_length):
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)
        self.condition = nn.Linear(code_length, 2 * out_features, bias=False)
        nn.init.zeros_(self.condition.weight)
    def forward(self, x, z):
        scale, shift = self.condition(z)[:, None].chunk(2, dim=-1)
        return (1 + scale) * self.linear(x) + shift

# %% exercise="film_condition" wrong="code i for point i"
_right = FilmLayer
class FilmLayer(_right):
    def forward(self, x, z):
        both = self.condition(z)
        both = both[None] if len(z) == x.shape[1] else both[:, None]
        scale, shift = both.chunk(2, dim=-1)
        return (1 + scale) * self.linear(x) + shift

# %% exercise="film_condition" wrong="the mean code for all"
_right = FilmLayer
class FilmLayer(_right):
    def forward(self, x, z):
        return super().forward(x, z.mean(0, keepdim=True).expand_as(z))

# %% exercise="film_condition" wrong="layer normalisation first"
_right = FilmLayer
class FilmLayer(_right):
    def forward(self, x, z):
        scale, shift = self.condition(z)[:, None].chunk(2, dim=-1)
        features = self.linear(x)
        return (1 + scale) * F.layer_norm(features, features.shape[-1:]) + shift

# %% exercise="film_condition" wrong="exponential scale"
_right = FilmLayer
class FilmLayer(_right):
    def forward(self, x, z):
        scale, shift = self.condition(z)[:, None].chunk(2, dim=-1)
        return scale.exp() * self.linear(x) + shift

# %% exercise="film_condition" wrong="the code learns nothing"
_right = FilmLayer
class FilmLayer(_right):
    def forward(self, x, z):
        return super().forward(x, z.detach())

# %% exercise="film_condition" wrong="the scale learns nothing"
_right = FilmLayer
class FilmLayer(_right):
    def forward(self, x, z):
        scale, shift = self.condition(z)[:, None].chunk(2, dim=-1)
        return (1 + scale.detach()) * self.linear(x) + shift

# %% exercise="film_condition" right="parameters by hand, addcmul"
class FilmLayer(nn.Module):
    def __init__(self, in_features, out_features, code_length):
        super().__init__()
        start = nn.Linear(in_features, out_features)
        self.C = nn.Parameter(torch.zeros(2 * out_features, code_length))
        self.c = nn.Parameter(torch.zeros(2 * out_features))
        self.W, self.b = start.weight, start.bias
    def forward(self, x, z):
        n = len(self.b)
        said = F.linear(z, self.C, self.c).unsqueeze(1)
        features = torch.einsum("oi,bni->bno", self.W, x) + self.b
        return torch.addcmul(features + said[..., n:], features, said[..., :n])

# %% exercise="film_condition" right="inherits from nn.Linear, object by object"
class FilmLayer(nn.Linear):
    def __init__(self, in_features, out_features, code_length):
        super().__init__(in_features, out_features)
        self.code = nn.Sequential(nn.Linear(code_length, 2 * out_features))
        self.code.apply(lambda m: [nn.init.constant_(p, 0.0) for p in m.parameters(recurse=False)])
    def forward(self, x, z):
        rows = []
        for points, code in zip(x, z):
            gamma, beta = self.code(code).split(self.out_features)
            rows.append((gamma + 1) * nn.Linear.forward(self, points) + beta)
        return torch.stack(rows)

# %% exercise="voxel_decoder" wrong="ReLU at the end"
_right = VoxelDecoder
class VoxelDecoder(_right):
    def forward(self, z):
        return F.relu(super().forward(z))

# %% exercise="voxel_decoder" wrong="sigmoid at the end"
_right = VoxelDecoder
class VoxelDecoder(_right):
    def forward(self, z):
        return torch.sigmoid(super().forward(z))

# %% exercise="voxel_decoder" wrong="no ReLU"
_right = VoxelDecoder
class VoxelDecoder(_right):
    def __init__(self, *args):
        super().__init__(*args)
        self.layers = nn.Sequential(*self.layers[::2])

# %% exercise="voxel_decoder" wrong="leaky ReLU"
_right = VoxelDecoder
class VoxelDecoder(_right):
    def __init__(self, *args):
        super().__init__(*args)
        for i in (1, 3, 5):
            self.layers[i] = nn.LeakyReLU(0.2)

# %% exercise="voxel_decoder" wrong="ReLU on the code"
_right = VoxelDecoder
class VoxelDecoder(_right):
    def forward(self, z):
        return super().forward(F.relu(z))

# %% exercise="voxel_decoder" wrong="z and x exchanged"
_right = VoxelDecoder
class VoxelDecoder(_right):
    def forward(self, z):
        return super().forward(z).permute(0, 1, 4, 3, 2)

# %% exercise="voxel_decoder" wrong="x and y exchanged"
_right = VoxelDecoder
class VoxelDecoder(_right):
    def forward(self, z):
        return super().forward(z).transpose(2, 3)

# %% exercise="voxel_decoder" wrong="z flipped"
_right = VoxelDecoder
class VoxelDecoder(_right):
    def forward(self, z):
        return super().forward(z).flip(-1)

# %% exercise="voxel_decoder" wrong="channels last"
_right = VoxelDecoder
class VoxelDecoder(_right):
    def forward(self, z):
        return super().forward(z).movedim(1, -1)

# %% exercise="voxel_decoder" wrong="no padding in two of the steps"
_right = VoxelDecoder
class VoxelDecoder(_right):
    def __init__(self, *args):
        super().__init__(*args)
        self.layers[2].padding, self.layers[4].padding = (0, 0, 0), (0, 0, 0)

# %% exercise="voxel_decoder" wrong="no padding, cropped to 32 from a corner"
_right = VoxelDecoder
class VoxelDecoder(_right):
    def __init__(self, *args):
        super().__init__(*args)
        for i in (2, 4, 6):
            self.layers[i].padding = (0, 0, 0)
    def forward(self, z):
        return super().forward(z)[..., :32, :32, :32]

# %% exercise="voxel_decoder" wrong="no padding, cropped at the end"
_right = VoxelDecoder
class VoxelDecoder(_right):
    def __init__(self, *args):
        super().__init__(*args)
        for i in (2, 4, 6):
            self.layers[i].padding = (0, 0, 0)
    def forward(self, z):
        return super().forward(z)[..., 7:39, 7:39, 7:39]

# %% exercise="voxel_decoder" wrong="kernels of 3 and output padding"
class VoxelDecoder(nn.Module):
    def __init__(self, code_length, channels, width=16):
        super().__init__()
        sizes = [4 * width, 2 * width, width, channels]
        self.start = nn.ConvTranspose3d(code_length, 4 * width, 4)
        self.steps = nn.ModuleList(
            nn.ConvTranspose3d(a, b, 3, stride=2, padding=1, output_padding=1) for a, b in pairwise(sizes)
        )
    def forward(self, z):
        x = self.start(z[..., None, None, None])
        for step in self.steps:
            x = step(F.relu(x))
        return x

# %% exercise="voxel_decoder" wrong="a linear layer makes the first grid"
class VoxelDecoder(nn.Module):
    def __init__(self, code_length, channels, width=16):
        super().__init__()
        sizes = [4 * width, 2 * width, width, channels]
        self.start = nn.Linear(code_length, 4 * width * 64)
        self.steps = nn.ModuleList(nn.ConvTranspose3d(a, b, 4, stride=2, padding=1) for a, b in pairwise(sizes))
    def forward(self, z):
        x = self.start(z).unflatten(-1, (-1, 4, 4, 4))
        for step in self.steps:
            x = step(F.relu(x))
        return x

# %% exercise="voxel_decoder" wrong="enlarged and convolved"
class VoxelDecoder(nn.Module):
    def __init__(self, code_length, channels, width=16):
        super().__init__()
        sizes = [4 * width, 2 * width, width, channels]
        self.start = nn.ConvTranspose3d(code_length, 4 * width, 4)
        self.steps = nn.ModuleList(nn.Conv3d(a, b, 3, padding=1) for a, b in pairwise(sizes))
    def forward(self, z):
        x = self.start(z[..., None, None, None])
        for step in self.steps:
            x = step(F.interpolate(F.relu(x), scale_factor=2))
        return x

# %% exercise="voxel_decoder" wrong="widths doubled"
_right = VoxelDecoder
class VoxelDecoder(_right):
    def __init__(self, code_length, channels, width=16):
        super().__init__(code_length, channels, 2 * width)

# %% exercise="voxel_decoder" wrong="the same width in every step"
class VoxelDecoder(nn.Module):
    def __init__(self, code_length, channels, width=16):
        super().__init__()
        sizes = [width, width, width, channels]
        self.start = nn.ConvTranspose3d(code_length, width, 4)
        self.steps = nn.ModuleList(nn.ConvTranspose3d(a, b, 4, stride=2, padding=1) for a, b in pairwise(sizes))
    def forward(self, z):
        x = self.start(z[..., None, None, None])
        for step in self.steps:
            x = step(F.relu(x))
        return x

# %% exercise="voxel_decoder" wrong="batch normalisation"
_right = VoxelDecoder
class VoxelDecoder(_right):
    def __init__(self, code_length, channels, width=16):
        super().__init__(code_length, channels, width)
        self.layers.insert(1, nn.BatchNorm3d(4 * width))

# %% exercise="voxel_decoder" wrong="batch normalisation without parameters"
_right = VoxelDecoder
class VoxelDecoder(_right):
    def __init__(self, code_length, channels, width=16):
        super().__init__(code_length, channels, width)
        self.layers.insert(1, nn.BatchNorm3d(4 * width, affine=False))

# %% exercise="voxel_decoder" wrong="no biases"
class VoxelDecoder(nn.Module):
    def __init__(self, code_length, channels, width=16):
        super().__init__()
        sizes = [4 * width, 2 * width, width, channels]
        self.start = nn.ConvTranspose3d(code_length, 4 * width, 4, bias=False)
        self.steps = nn.ModuleList(nn.ConvTranspose3d(a, b, 4, 2, 1, bias=False) for a, b in pairwise(sizes))
    def forward(self, z):
        x = self.start(z[..., None, None, None])
        for step in self.steps:
            x = step(F.relu(x))
        return x

# %% exercise="voxel_decoder" wrong="width 32 by default"
_right = VoxelDecoder
class VoxelDecoder(_right):
    def __init__(self, code_length, channels, width=32):
        super().__init__(code_length, channels, width)

# %% exercise="voxel_decoder" wrong="the first code for all"
_right = VoxelDecoder
class VoxelDecoder(_right):
    def forward(self, z):
        return super().forward(z[:1].expand_as(z))

# %% exercise="voxel_decoder" wrong="codes normalised over the batch"
_right = VoxelDecoder
class VoxelDecoder(_right):
    def forward(self, z):
        return super().forward(z - z.mean(0) if len(z) > 1 else z)

# %% exercise="voxel_decoder" wrong="squeezed"
_right = VoxelDecoder
class VoxelDecoder(_right):
    def forward(self, z):
        return super().forward(z).squeeze()

# %% exercise="voxel_decoder" wrong="the first grid learns nothing"
_right = VoxelDecoder
class VoxelDecoder(_right):
    def forward(self, z):
        return self.layers[1:](self.layers[0](z[..., None, None, None]).detach())

# %% exercise="voxel_decoder" wrong="dropout"
_right = VoxelDecoder
class VoxelDecoder(_right):
    def __init__(self, *args):
        super().__init__(*args)
        self.layers.insert(2, nn.Dropout(0.3))

# %% exercise="voxel_decoder" right="parameters by hand, conv_transpose3d"
class VoxelDecoder(nn.Module):
    def __init__(self, code_length, channels, width=16):
        super().__init__()
        sizes = [code_length, 4 * width, 2 * width, width, channels]
        self.kernels, self.biases = nn.ParameterList(), nn.ParameterList()
        for a, b in pairwise(sizes):
            bound = 1 / math.sqrt(64 * b)
            self.kernels.append(nn.Parameter(torch.empty(a, b, 4, 4, 4).uniform_(-bound, bound)))
            self.biases.append(nn.Parameter(torch.empty(b).uniform_(-bound, bound)))
    def forward(self, z):
        grid = torch.einsum("bi,ioxyz->boxyz", z, self.kernels[0]) + self.biases[0][:, None, None, None]
        for kernel, bias in list(zip(self.kernels, self.biases))[1:]:
            grid = F.conv_transpose3d(grid.relu(), kernel, bias, stride=2, padding=1)
        return grid

# %% exercise="voxel_decoder" right="a module list; zeros inserted, a convolution with the flipped kernel"
class VoxelDecoder(nn.Module):
    def __init__(self, code_length, channels, width=16):
        super().__init__()
        self.first = nn.ConvTranspose3d(code_length, width * 4, kernel_size=4)
        self.more = nn.ModuleList()
        for step, out in ((4, 2 * width), (2, width), (1, channels)):
            self.more.append(nn.ConvTranspose3d(step * width, out, 4, 2, 1))
    def forward(self, z):
        grid = self.first(z.reshape(z.shape[0], z.shape[1], 1, 1, 1))
        for layer in self.more:
            n = grid.shape[-1]
            wide = grid.new_zeros(*grid.shape[:2], 2 * n - 1, 2 * n - 1, 2 * n - 1)
            wide[..., ::2, ::2, ::2] = torch.relu(grid)
            kernel = layer.weight.transpose(0, 1).flip(2, 3, 4)
            grid = F.conv3d(wide, kernel, layer.bias, padding=2)
        return grid

# %% exercise="unproject_features" wrong="align_corners"
def unproject_features(features, K, world_from_camera, points):
    b, v, c = features.shape[:3]
    flat = homogenize_points(points.reshape(-1, 3))
    camera = transform(invert_rigid(world_from_camera)[..., None, :, :], flat)[..., :3]
    uv, _, front = project(K[..., None, :, :], camera)
    seen = front & ((uv >= 0) & (uv <= 1)).all(-1)
    grid = (2 * uv - 1).flatten(0, 1)[:, :, None]
    read = F.grid_sample(features.flatten(0, 1), grid, padding_mode="border", align_corners=True)
    read = torch.where(seen[:, :, None], read.reshape(b, v, c, -1), 0.0)
    count = seen.sum(1)
    mean = read.sum(1) / count.clamp_min(1)[:, None]
    return mean.reshape(b, c, *points.shape[:3]), count.reshape(b, *points.shape[:3])

# %% exercise="unproject_features" wrong="zeros beyond the border's centres"
def unproject_features(features, K, world_from_camera, points):
    b, v, c = features.shape[:3]
    flat = homogenize_points(points.reshape(-1, 3))
    camera = transform(invert_rigid(world_from_camera)[..., None, :, :], flat)[..., :3]
    uv, _, front = project(K[..., None, :, :], camera)
    seen = front & ((uv >= 0) & (uv <= 1)).all(-1)
    grid = (2 * uv - 1).flatten(0, 1)[:, :, None]
    read = F.grid_sample(features.flatten(0, 1), grid, align_corners=False)
    read = torch.where(seen[:, :, None], read.reshape(b, v, c, -1), 0.0)
    count = seen.sum(1)
    mean = read.sum(1) / count.clamp_min(1)[:, None]
    return mean.reshape(b, c, *points.shape[:3]), count.reshape(b, *points.shape[:3])

# %% exercise="unproject_features" wrong="nearest pixel"
def unproject_features(features, K, world_from_camera, points):
    b, v, c = features.shape[:3]
    flat = homogenize_points(points.reshape(-1, 3))
    camera = transform(invert_rigid(world_from_camera)[..., None, :, :], flat)[..., :3]
    uv, _, front = project(K[..., None, :, :], camera)
    seen = front & ((uv >= 0) & (uv <= 1)).all(-1)
    grid = (2 * uv - 1).flatten(0, 1)[:, :, None]
    read = F.grid_sample(features.flatten(0, 1), grid, mode="nearest", padding_mode="border", align_corners=False)
    read = torch.where(seen[:, :, None], read.reshape(b, v, c, -1), 0.0)
    count = seen.sum(1)
    mean = read.sum(1) / count.clamp_min(1)[:, None]
    return mean.reshape(b, c, *points.shape[:3]), count.reshape(b, *points.shape[:3])

# %% exercise="unproject_features" wrong="v before u"
def unproject_features(features, K, world_from_camera, points):
    b, v, c = features.shape[:3]
    flat = homogenize_points(points.reshape(-1, 3))
    camera = transform(invert_rigid(world_from_camera)[..., None, :, :], flat)[..., :3]
    uv, _, front = project(K[..., None, :, :], camera)
    seen = front & ((uv >= 0) & (uv <= 1)).all(-1)
    grid = (2 * uv - 1).flip(-1).flatten(0, 1)[:, :, None]
    read = F.grid_sample(features.flatten(0, 1), grid, padding_mode="border", align_corners=False)
    read = torch.where(seen[:, :, None], read.reshape(b, v, c, -1), 0.0)
    count = seen.sum(1)
    mean = read.sum(1) / count.clamp_min(1)[:, None]
    return mean.reshape(b, c, *points.shape[:3]), count.reshape(b, *points.shape[:3])

# %% exercise="unproject_features" wrong="no test of the frustum"
def unproject_features(features, K, world_from_camera, points):
    b, v, c = features.shape[:3]
    flat = homogenize_points(points.reshape(-1, 3))
    camera = transform(invert_rigid(world_from_camera)[..., None, :, :], flat)[..., :3]
    uv, _, seen = project(K[..., None, :, :], camera)
    grid = (2 * uv - 1).flatten(0, 1)[:, :, None]
    read = F.grid_sample(features.flatten(0, 1), grid, padding_mode="border", align_corners=False)
    read = torch.where(seen[:, :, None], read.reshape(b, v, c, -1), 0.0)
    count = seen.sum(1)
    mean = read.sum(1) / count.clamp_min(1)[:, None]
    return mean.reshape(b, c, *points.shape[:3]), count.reshape(b, *points.shape[:3])

# %% exercise="unproject_features" wrong="points behind the camera counted"
def unproject_features(features, K, world_from_camera, points):
    b, v, c = features.shape[:3]
    flat = homogenize_points(points.reshape(-1, 3))
    camera = transform(invert_rigid(world_from_camera)[..., None, :, :], flat)[..., :3]
    uvw = torch.einsum("bvij,bvnj->bvni", K, camera)
    uv = uvw[..., :2] / uvw[..., 2:]
    seen = ((uv >= 0) & (uv <= 1)).all(-1)
    grid = (2 * uv - 1).nan_to_num().flatten(0, 1)[:, :, None]
    read = F.grid_sample(features.flatten(0, 1), grid, padding_mode="border", align_corners=False)
    read = torch.where(seen[:, :, None], read.reshape(b, v, c, -1), 0.0)
    count = seen.sum(1)
    mean = read.sum(1) / count.clamp_min(1)[:, None]
    return mean.reshape(b, c, *points.shape[:3]), count.reshape(b, *points.shape[:3])

# %% exercise="unproject_features" wrong="nothing is seen closer than a tenth"
def unproject_features(features, K, world_from_camera, points):
    b, v, c = features.shape[:3]
    flat = homogenize_points(points.reshape(-1, 3))
    camera = transform(invert_rigid(world_from_camera)[..., None, :, :], flat)[..., :3]
    uv, depth, _ = project(K[..., None, :, :], camera)
    seen = (depth > 0.1) & ((uv >= 0) & (uv <= 1)).all(-1)
    grid = (2 * uv - 1).flatten(0, 1)[:, :, None]
    read = F.grid_sample(features.flatten(0, 1), grid, padding_mode="border", align_corners=False)
    read = torch.where(seen[:, :, None], read.reshape(b, v, c, -1), 0.0)
    count = seen.sum(1)
    mean = read.sum(1) / count.clamp_min(1)[:, None]
    return mean.reshape(b, c, *points.shape[:3]), count.reshape(b, *points.shape[:3])

# %% exercise="unproject_features" wrong="nothing is seen closer than a hundredth"
def unproject_features(features, K, world_from_camera, points):
    b, v, c = features.shape[:3]
    flat = homogenize_points(points.reshape(-1, 3))
    camera = transform(invert_rigid(world_from_camera)[..., None, :, :], flat)[..., :3]
    uv, depth, _ = project(K[..., None, :, :], camera)
    seen = (depth > 0.01) & ((uv >= 0) & (uv <= 1)).all(-1)
    grid = (2 * uv - 1).flatten(0, 1)[:, :, None]
    read = F.grid_sample(features.flatten(0, 1), grid, padding_mode="border", align_corners=False)
    read = torch.where(seen[:, :, None], read.reshape(b, v, c, -1), 0.0)
    count = seen.sum(1)
    mean = read.sum(1) / count.clamp_min(1)[:, None]
    return mean.reshape(b, c, *points.shape[:3]), count.reshape(b, *points.shape[:3])

# %% exercise="unproject_features" wrong="nothing is seen beyond ten"
def unproject_features(features, K, world_from_camera, points):
    b, v, c = features.shape[:3]
    flat = homogenize_points(points.reshape(-1, 3))
    camera = transform(invert_rigid(world_from_camera)[..., None, :, :], flat)[..., :3]
    uv, depth, _ = project(K[..., None, :, :], camera)
    seen = (depth > 0) & (depth < 10) & ((uv >= 0) & (uv <= 1)).all(-1)
    grid = (2 * uv - 1).flatten(0, 1)[:, :, None]
    read = F.grid_sample(features.flatten(0, 1), grid, padding_mode="border", align_corners=False)
    read = torch.where(seen[:, :, None], read.reshape(b, v, c, -1), 0.0)
    count = seen.sum(1)
    mean = read.sum(1) / count.clamp_min(1)[:, None]
    return mean.reshape(b, c, *points.shape[:3]), count.reshape(b, *points.shape[:3])

# %% exercise="unproject_features" wrong="the edge of the image is not seen"
def unproject_features(features, K, world_from_camera, points):
    b, v, c = features.shape[:3]
    flat = homogenize_points(points.reshape(-1, 3))
    camera = transform(invert_rigid(world_from_camera)[..., None, :, :], flat)[..., :3]
    uv, depth, _ = project(K[..., None, :, :], camera)
    seen = (depth > 0) & ((uv > 0) & (uv < 1)).all(-1)
    grid = (2 * uv - 1).flatten(0, 1)[:, :, None]
    read = F.grid_sample(features.flatten(0, 1), grid, padding_mode="border", align_corners=False)
    read = torch.where(seen[:, :, None], read.reshape(b, v, c, -1), 0.0)
    count = seen.sum(1)
    mean = read.sum(1) / count.clamp_min(1)[:, None]
    return mean.reshape(b, c, *points.shape[:3]), count.reshape(b, *points.shape[:3])

# %% exercise="unproject_features" wrong="mean over all views"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    volume, count = _right(features, K, world_from_camera, points)
    return volume * count[:, None] / features.shape[1], count

# %% exercise="unproject_features" wrong="sum over views"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    volume, count = _right(features, K, world_from_camera, points)
    return volume * count[:, None], count

# %% exercise="unproject_features" wrong="largest over views"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    each = [_right(features[:, i : i + 1], K[:, i : i + 1], world_from_camera[:, i : i + 1], points) for i in range(features.shape[1])]
    count = sum(n for _, n in each)
    return torch.stack([f for f, _ in each]).amax(0), count

# %% exercise="unproject_features" wrong="only the first view"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    return _right(features[:, :1], K[:, :1], world_from_camera[:, :1], points)

# %% exercise="unproject_features" wrong="the last view that sees it"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    volume, count = 0, 0
    for i in range(features.shape[1]):
        f, n = _right(features[:, i : i + 1], K[:, i : i + 1], world_from_camera[:, i : i + 1], points)
        volume, count = torch.where(n[:, None] > 0, f, volume), count + n
    return volume, count

# %% exercise="unproject_features" wrong="the pose is not inverted"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    return _right(features, K, invert_rigid(world_from_camera), points)

# %% exercise="unproject_features" wrong="only the rotation is inverted"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    pose = world_from_camera.clone()
    pose[..., :3, 3] = -torch.einsum("...ij,...j->...i", pose[..., :3, :3], pose[..., :3, 3])
    return _right(features, K, pose, points)

# %% exercise="unproject_features" wrong="an OpenGL camera"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    return _right(features, K, world_from_camera * torch.tensor([1.0, -1, -1, 1]), points)

# %% exercise="unproject_features" wrong="K not used"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    plain = torch.tensor([[1.0, 0, 0.5], [0, 1, 0.5], [0, 0, 1]]).expand_as(K)
    return _right(features, plain, world_from_camera, points)

# %% exercise="unproject_features" wrong="the first view's K for all"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    return _right(features, K[:, :1].expand_as(K), world_from_camera, points)

# %% exercise="unproject_features" wrong="one focal length, no skew"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    K = K.clone()
    K[..., 0, 1], K[..., 1, 1] = 0, K[..., 0, 0]
    return _right(features, K, world_from_camera, points)

# %% exercise="unproject_features" wrong="the aspect of the map: uv of the longer side"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    h, w = features.shape[-2:]
    K = K.clone()
    K[..., 1, :] = K[..., 1, :] * (w / h if h else 1)
    return _right(features, K, world_from_camera, points)

# %% exercise="unproject_features" wrong="the first object's cameras for all"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    return _right(features, K[:1].expand_as(K), world_from_camera[:1].expand_as(world_from_camera), points)

# %% exercise="unproject_features" wrong="z y x"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    volume, count = _right(features, K, world_from_camera, points)
    return volume.permute(0, 1, 4, 3, 2), count.permute(0, 3, 2, 1)

# %% exercise="unproject_features" wrong="z y x, reshaped to fit"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    volume, count = _right(features, K, world_from_camera, points.permute(2, 1, 0, 3))
    shape = points.shape[:3]
    return volume.reshape(*volume.shape[:2], *shape), count.reshape(len(count), *shape)

# %% exercise="unproject_features" wrong="channels last"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    volume, count = _right(features, K, world_from_camera, points)
    return volume.movedim(1, -1), count

# %% exercise="unproject_features" wrong="NaN where nobody looks"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    volume, count = _right(features, K, world_from_camera, points)
    return volume * count[:, None] / count[:, None], count

# %% exercise="unproject_features" wrong="divided by the count plus a little"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    volume, count = _right(features, K, world_from_camera, points)
    return volume * count[:, None] / (count[:, None] + 0.01), count

# %% exercise="unproject_features" wrong="whether anyone sees it"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    volume, count = _right(features, K, world_from_camera, points)
    return volume, count > 0

# %% exercise="unproject_features" wrong="the share of views"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    volume, count = _right(features, K, world_from_camera, points)
    return volume, count / features.shape[1]

# %% exercise="unproject_features" wrong="no count"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    return _right(features, K, world_from_camera, points)[0]

# %% exercise="unproject_features" wrong="maps detached"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    return _right(features.detach(), K, world_from_camera, points)

# %% exercise="unproject_features" wrong="divided by depth"
_right = unproject_features
def unproject_features(features, K, world_from_camera, points):
    volume, count = _right(features, K, world_from_camera, points)
    depth = (points - world_from_camera[0, 0, :3, 3]).norm(dim=-1)
    return volume / depth.clamp_min(1e-3), count

# %% exercise="unproject_features" wrong="a point in the camera's centre gives NaN"
def unproject_features(features, K, world_from_camera, points):
    b, v, c = features.shape[:3]
    flat = homogenize_points(points.reshape(-1, 3))
    camera = transform(invert_rigid(world_from_camera)[..., None, :, :], flat)[..., :3]
    uvw = torch.einsum("bvij,bvnj->bvni", K, camera)
    uv = uvw[..., :2] / uvw[..., 2:]
    seen = ((uv >= 0) & (uv <= 1)).all(-1) & (camera[..., 2] > 0)
    h, w = features.shape[-2:]
    column = (uv[..., 0] * w - 0.5).clamp(0, w - 1)
    row = (uv[..., 1] * h - 0.5).clamp(0, h - 1)
    total = 0
    for r in range(h):
        for k in range(w):
            weight = (1 - (row - r).abs()).clamp_min(0) * (1 - (column - k).abs()).clamp_min(0)
            total = total + weight[:, :, None] * features[..., r, k][..., None]
    count = seen.sum(1)
    mean = (total * seen[:, :, None]).sum(1) / count.clamp_min(1)[:, None]
    return mean.reshape(b, c, *points.shape[:3]), count.reshape(b, *points.shape[:3])

# %% exercise="unproject_features" right="view by view, bilinear by hand"
def unproject_features(features, K, world_from_camera, points):
    b, v, c, h, w = features.shape
    shape, flat = points.shape[:-1], points.reshape(-1, 3)
    volume = torch.zeros(b, c, len(flat), dtype=features.dtype)
    count = torch.zeros(b, len(flat), dtype=torch.int32)
    for i in range(b):
        for j in range(v):
            R, t = world_from_camera[i, j, :3, :3], world_from_camera[i, j, :3, 3]
            x = (flat - t) @ R
            front = x[:, 2] > 0
            uvw = x[front] @ K[i, j].T
            u, s = (uvw[:, :2] / uvw[:, 2:]).unbind(-1)
            inside = (u >= 0) & (u <= 1) & (s >= 0) & (s <= 1)
            which = front.nonzero()[:, 0][inside]
            column, row = (u[inside] * w - 0.5).clamp(0, w - 1), (s[inside] * h - 0.5).clamp(0, h - 1)
            c0, r0 = column.floor().long(), row.floor().long()
            c1, r1 = (c0 + 1).clamp(max=w - 1), (r0 + 1).clamp(max=h - 1)
            a, d, m = column - c0, row - r0, features[i, j]
            value = (1 - d) * ((1 - a) * m[:, r0, c0] + a * m[:, r0, c1]) + d * ((1 - a) * m[:, r1, c0] + a * m[:, r1, c1])
            volume[i] = volume[i].index_add(1, which, value)
            count[i, which] += 1
    volume = torch.where(count[:, None] > 0, volume / count[:, None].clamp(min=1), 0.0)
    return volume.reshape(b, c, *shape), count.reshape(b, *shape)

# %% exercise="unproject_features" right="one projection matrix, nan_to_num and nanmean"
def unproject_features(features, K, world_from_camera, points):
    b, v, c, h, w = features.shape
    P = K @ torch.linalg.inv(world_from_camera)[..., :3, :]
    uvw = torch.einsum("bvij,xyzj->bvxyzi", P, F.pad(points, (0, 1), value=1.0))
    depth = uvw[..., 2]
    uv = (uvw[..., :2] / torch.where(depth > 0, depth, torch.ones_like(depth))[..., None])
    seen = (depth > 0) & (uv.amin(-1) >= 0) & (uv.amax(-1) <= 1)
    grid = (uv * 2 - 1).reshape(b * v, points.shape[0], -1, 2)
    read = F.grid_sample(features.reshape(b * v, c, h, w), grid, mode="bilinear", padding_mode="border", align_corners=False)
    read = read.reshape(b, v, c, *points.shape[:3])
    read = torch.where(seen[:, :, None], read, torch.nan)
    return read.nanmean(1).nan_to_num(0.0), seen.long().sum(dim=1)

# %% exercise="unproject_features" right="map padded by a row and column, zeros padding"
def unproject_features(features, K, world_from_camera, points):
    b, v, c, h, w = features.shape
    wide = F.pad(features.flatten(0, 1), (1, 1, 1, 1), mode="replicate")
    flat = points.reshape(1, 1, -1, 3) - world_from_camera[:, :, None, :3, 3]
    camera = torch.matmul(flat, world_from_camera[..., :3, :3])
    uv, depth, _ = project(K[:, :, None], camera)
    seen = (depth > 0) & (uv >= 0).all(-1) & (uv <= 1).all(-1)
    size = torch.tensor([w, h]) / torch.tensor([w + 2, h + 2])
    read = F.grid_sample(wide, ((2 * uv - 1) * size).flatten(0, 1)[:, None], align_corners=False)
    read = read.reshape(b, v, c, -1).masked_fill(~seen[:, :, None], 0)
    n = seen.sum(1)
    mean = read.sum(1) / torch.maximum(n, torch.ones_like(n))[:, None]
    return mean.unflatten(-1, points.shape[:3]), n.unflatten(-1, points.shape[:3])

# %% exercise="camera_test" wrong="radians"
def angle_to_nearest(world_from_camera, training):
    R, other = world_from_camera[:, None, :3, :3], training[None, :, :3, :3]
    chord = (R - other).square().sum((-2, -1)).amin(1).sqrt()
    return 2 * torch.asin((chord / math.sqrt(8)).clamp_max(1))

# %% exercise="camera_test" wrong="mean over the training cameras"
_right = angle_to_nearest
def angle_to_nearest(world_from_camera, training):
    return torch.stack([_right(world_from_camera, one[None]) for one in training]).mean(0)

# %% exercise="camera_test" wrong="the farthest training camera"
_right = angle_to_nearest
def angle_to_nearest(world_from_camera, training):
    return torch.stack([_right(world_from_camera, one[None]) for one in training]).amax(0)

# %% exercise="camera_test" wrong="the training camera at the nearest position"
_right = angle_to_nearest
def angle_to_nearest(world_from_camera, training):
    nearest = torch.cdist(world_from_camera[:, :3, 3], training[:, :3, 3]).argmin(1)
    return torch.cat([_right(one[None], training[i : i + 1]) for one, i in zip(world_from_camera, nearest)])

# %% exercise="camera_test" wrong="acos without clamp: NaN at home"
def angle_to_nearest(world_from_camera, training):
    R = world_from_camera[:, None, :3, :3].mT @ training[None, :, :3, :3]
    trace = R.diagonal(dim1=-2, dim2=-1).sum(-1)
    return torch.rad2deg(torch.acos((trace - 1) / 2)).amin(1)

# %% exercise="camera_test" wrong="acos, clamped, in float64"
def angle_to_nearest(world_from_camera, training):
    R, other = world_from_camera[:, :3, :3].double(), training[:, :3, :3].double()
    cosine = (torch.einsum("nij,mij->nm", R, other) - 1) / 2
    return torch.rad2deg(torch.acos(cosine.clamp(-1, 1))).amin(1).float()

# %% exercise="camera_test" wrong="acos, clamped well inside of 1"
def angle_to_nearest(world_from_camera, training):
    R = world_from_camera[:, None, :3, :3].mT @ training[None, :, :3, :3]
    trace = R.diagonal(dim1=-2, dim2=-1).sum(-1)
    return torch.rad2deg(torch.acos(((trace - 1) / 2).clamp(-1 + 1e-6, 1 - 1e-6))).amin(1)

# %% exercise="camera_test" wrong="the viewing direction only"
def angle_to_nearest(world_from_camera, training):
    cosine = world_from_camera[:, :3, 2] @ training[:, :3, 2].T
    return torch.rad2deg(torch.acos(cosine.clamp(-1, 1))).amin(1)

# %% exercise="camera_test" wrong="the angle between positions"
def angle_to_nearest(world_from_camera, training):
    a, b = (F.normalize(poses[:, :3, 3], dim=-1) for poses in (world_from_camera, training))
    return torch.rad2deg(2 * torch.asin((torch.cdist(a, b) / 2).clamp_max(1))).amin(1)

# %% exercise="camera_test" wrong="whole matrices: the position counts"
def angle_to_nearest(world_from_camera, training):
    chord = (world_from_camera[:, None] - training[None]).square().sum((-2, -1)).amin(1).sqrt()
    return torch.rad2deg(2 * torch.asin((chord / math.sqrt(8)).clamp_max(1)))

# %% exercise="camera_test" wrong="R R' without transpose"
def angle_to_nearest(world_from_camera, training):
    R = world_from_camera[:, None, :3, :3] @ training[None, :, :3, :3]
    cosine = (R.diagonal(dim1=-2, dim2=-1).sum(-1) - 1) / 2
    return torch.rad2deg(torch.acos(cosine.clamp(-1, 1))).amin(1)

# %% exercise="camera_test" wrong="half the angle"
_right = angle_to_nearest
def angle_to_nearest(world_from_camera, training):
    return _right(world_from_camera, training) / 2

# %% exercise="camera_test" wrong="the chord, not the angle"
def angle_to_nearest(world_from_camera, training):
    R, other = world_from_camera[:, None, :3, :3], training[None, :, :3, :3]
    chord = (R - other).square().sum((-2, -1)).amin(1).sqrt() / math.sqrt(8)
    return 2 * torch.rad2deg(chord)

# %% exercise="camera_test" wrong="folded at a right angle"
_right = angle_to_nearest
def angle_to_nearest(world_from_camera, training):
    angle = _right(world_from_camera, training)
    return torch.minimum(angle, 180 - angle)

# %% exercise="camera_test" wrong="one per training camera"
_right = angle_to_nearest
def angle_to_nearest(world_from_camera, training):
    return _right(training, world_from_camera)

# %% exercise="camera_test" wrong="camera i against training camera i"
def angle_to_nearest(world_from_camera, training):
    n = len(world_from_camera)
    other = training[torch.arange(n) % len(training)]
    chord = (world_from_camera[:, :3, :3] - other[:, :3, :3]).square().sum((-2, -1)).sqrt()
    return torch.rad2deg(2 * torch.asin((chord / math.sqrt(8)).clamp_max(1)))

# %% exercise="camera_test" wrong="largest of the three Euler angles"
def angle_to_nearest(world_from_camera, training):
    cosine = torch.einsum("nij,mij->nmj", world_from_camera[:, :3, :3], training[:, :3, :3])
    return torch.rad2deg(torch.acos(cosine.clamp(-1, 1))).amax(-1).amin(1)

# %% exercise="camera_test" wrong="asin without clamp: NaN at half turns"
def angle_to_nearest(world_from_camera, training):
    R, other = world_from_camera[:, None, :3, :3], training[None, :, :3, :3]
    chord = (R - other).square().sum((-2, -1)).amin(1).sqrt()
    return torch.rad2deg(2 * torch.asin(chord / math.sqrt(8)))

# %% exercise="camera_test" wrong="closed above"
def mean_in_bins(values, positions, edges):
    low, high = edges[:-1, None], edges[1:, None]
    inside = (positions > low) & (positions <= high)
    inside[0] |= positions == edges[0]
    return torch.where(inside, values, 0.0).sum(1) / inside.sum(1)

# %% exercise="camera_test" wrong="closed on both sides"
def mean_in_bins(values, positions, edges):
    inside = (positions >= edges[:-1, None]) & (positions <= edges[1:, None])
    return torch.where(inside, values, 0.0).sum(1) / inside.sum(1)

# %% exercise="camera_test" wrong="the last edge left out"
def mean_in_bins(values, positions, edges):
    inside = (positions >= edges[:-1, None]) & (positions < edges[1:, None])
    return torch.where(inside, values, 0.0).sum(1) / inside.sum(1)

# %% exercise="camera_test" wrong="0 in empty bins"
_right_mean = mean_in_bins
def mean_in_bins(values, positions, edges):
    return _right_mean(values, positions, edges).nan_to_num(0.0, posinf=math.inf)

# %% exercise="camera_test" wrong="the end bins catch what lies beyond"
def mean_in_bins(values, positions, edges):
    index = torch.bucketize(positions, edges[1:-1], right=True)
    count = len(edges) - 1
    inside = index == torch.arange(count)[:, None]
    return torch.where(inside, values, 0.0).sum(1) / inside.sum(1)

# %% exercise="camera_test" wrong="all bins equally wide"
_right_mean = mean_in_bins
def mean_in_bins(values, positions, edges):
    even = edges[0] + (edges[-1] - edges[0]) * torch.arange(len(edges)) / (len(edges) - 1)
    return _right_mean(values, positions, even.to(edges))

# %% exercise="camera_test" wrong="sums"
def mean_in_bins(values, positions, edges):
    inside = (positions >= edges[:-1, None]) & (positions < edges[1:, None])
    inside[-1] |= positions == edges[-1]
    total = torch.where(inside, values, 0.0).sum(1)
    return torch.where(inside.any(1), total, math.nan)

# %% exercise="camera_test" wrong="medians"
def mean_in_bins(values, positions, edges):
    inside = (positions >= edges[:-1, None]) & (positions < edges[1:, None])
    inside[-1] |= positions == edges[-1]
    return torch.where(inside, values, math.nan).nanmedian(1).values if len(values) else torch.full((len(inside),), math.nan)

# %% exercise="camera_test" wrong="divided by the number of all values"
def mean_in_bins(values, positions, edges):
    inside = (positions >= edges[:-1, None]) & (positions < edges[1:, None])
    inside[-1] |= positions == edges[-1]
    mean = torch.where(inside, values, 0.0).sum(1) / max(len(values), 1)
    return torch.where(inside.any(1), mean, math.nan)

# %% exercise="camera_test" wrong="masked by a product: infinity spreads as NaN"
def mean_in_bins(values, positions, edges):
    inside = (positions >= edges[:-1, None]) & (positions < edges[1:, None])
    inside[-1] |= positions == edges[-1]
    return (inside * values).sum(1) / inside.sum(1)

# %% exercise="camera_test" wrong="empty bins left out"
_right_mean = mean_in_bins
def mean_in_bins(values, positions, edges):
    means = _right_mean(values, positions, edges)
    return means[~means.isnan()]

# %% exercise="camera_test" wrong="divided by the count, at least 1"
def mean_in_bins(values, positions, edges):
    inside = (positions >= edges[:-1, None]) & (positions < edges[1:, None])
    inside[-1] |= positions == edges[-1]
    return torch.where(inside, values, 0.0).sum(1) / inside.sum(1).clamp_min(1)

# %% exercise="camera_test" wrong="the last bin a little longer"
def mean_in_bins(values, positions, edges):
    means = []
    for i in range(len(edges) - 1):
        high = edges[i + 1] + (1e-3 if i == len(edges) - 2 else 0)
        means.append(values[(positions >= edges[i]) & (positions < high)].mean())
    return torch.stack(means)

# %% exercise="camera_test" wrong="infinity beyond all bins, times zero, in the bin at the end"
def mean_in_bins(values, positions, edges):
    last = len(edges) - 2
    index = torch.bucketize(positions, edges, right=True) - 1
    index = torch.where(positions == edges[-1], last, index).clamp(0, last)
    counts = (positions >= edges[0]) & (positions <= edges[-1])
    total = torch.zeros(last + 1).index_add_(0, index, values * counts)
    return total / torch.zeros(last + 1).index_add_(0, index, counts.float())

# %% exercise="camera_test" wrong="acos, and zero for whatever is small"
def angle_to_nearest(world_from_camera, training):
    trace = torch.einsum("nij,mij->nm", world_from_camera[:, :3, :3], training[:, :3, :3])
    angle = torch.rad2deg(torch.acos(((trace - 1) / 2).clamp(-1, 1))).amin(1)
    return torch.where(angle < 0.1, 0.0, angle)

# %% exercise="camera_test" right="atan2 of the axial vector; bucketize and scatter"
def angle_to_nearest(world_from_camera, training):
    R = torch.einsum("nji,mjk->nmik", world_from_camera[:, :3, :3], training[:, :3, :3])
    axial = torch.stack([R[..., 2, 1] - R[..., 1, 2], R[..., 0, 2] - R[..., 2, 0], R[..., 1, 0] - R[..., 0, 1]], -1)
    cosine = torch.einsum("nmii->nm", R) - 1
    return torch.atan2(axial.norm(dim=-1), cosine).rad2deg().min(dim=1).values
def mean_in_bins(values, positions, edges):
    k = len(edges) - 1
    index = torch.bucketize(positions, edges, right=True) - 1
    index = torch.where(positions == edges[-1], k - 1, index)
    kept = (index >= 0) & (index < k)
    total = torch.zeros(k).scatter_add(0, index[kept], values[kept])
    return total / torch.bincount(index[kept], minlength=k)

# %% exercise="camera_test" right="cdist without matrix products; a loop over bins"
def angle_to_nearest(world_from_camera, training):
    a, b = (poses[:, :3, :3].flatten(1) for poses in (world_from_camera, training))
    chord = torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist").min(1).values
    sine = (chord / 8**0.5).clamp(max=1)
    return torch.atan2(sine, (1 - sine**2).sqrt()) * 360 / math.pi
def mean_in_bins(values, positions, edges):
    means = []
    for i in range(len(edges) - 1):
        inside = (positions >= edges[i]) & (positions < edges[i + 1])
        if i == len(edges) - 2:
            inside = inside | (positions == edges[i + 1])
        means.append(values[inside].mean())
    return torch.stack(means)

# %% exercise="camera_test" right="quaternions in float64; Python's own lists"
def angle_to_nearest(world_from_camera, training):
    found = []
    for one in world_from_camera.double():
        best = 180.0
        for other in training.double():
            D = (one[:3, :3] - other[:3, :3]).norm().item()
            best = min(best, 2 * math.degrees(math.asin(min(D / math.sqrt(8), 1.0))))
        found.append(best)
    return torch.tensor(found).to(world_from_camera)
def mean_in_bins(values, positions, edges):
    ends = [float(e) for e in edges]
    bins = [[] for _ in ends[1:]]
    for value, place in zip(values.tolist(), positions.tolist()):
        for i in range(len(bins)):
            if ends[i] <= place < ends[i + 1] or (i == len(bins) - 1 and place == ends[-1]):
                bins[i].append(value)
    return torch.tensor([sum(b) / len(b) if b else float("nan") for b in bins])
