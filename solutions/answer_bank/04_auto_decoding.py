"""Answers to notebook 4 that its checks are tested on. Each cell runs after the solution and replaces functions of it."""
# ruff: noqa

# %% exercise="latent_table" wrong="spread of 1"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.codes = nn.Parameter(torch.randn(count, code_length))
    def forward(self, objects):
        unknown = (objects < 0) | (objects >= len(self.codes))
        if unknown.any():
            raise IndexError(f"no object {objects[unknown].flatten()[0].item()} of {len(self.codes)}")
        return self.codes[objects]

# %% exercise="latent_table" wrong="spread of 0.1 by default"
_right = LatentTable
class LatentTable(_right):
    def __init__(self, count, code_length, spread=0.1):
        super().__init__(count, code_length, spread)

# %% exercise="latent_table" wrong="spread taken for a variance"
_right = LatentTable
class LatentTable(_right):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__(count, code_length, spread**0.5)

# %% exercise="latent_table" wrong="spread squared"
_right = LatentTable
class LatentTable(_right):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__(count, code_length, spread**2)

# %% exercise="latent_table" wrong="DeepSDF's spread: divided by the root of the code's length"
_right = LatentTable
class LatentTable(_right):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__(count, code_length, spread / code_length**0.5)

# %% exercise="latent_table" wrong="one percent too wide"
_right = LatentTable
class LatentTable(_right):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__(count, code_length, 1.01 * spread)

# %% exercise="latent_table" wrong="uniform codes of the right spread"
_right = LatentTable
class LatentTable(_right):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__(count, code_length, spread)
        nn.init.uniform_(self.codes, -(3**0.5) * spread, 3**0.5 * spread)

# %% exercise="latent_table" wrong="uniform codes in ± spread"
_right = LatentTable
class LatentTable(_right):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__(count, code_length, spread)
        nn.init.uniform_(self.codes, -spread, spread)

# %% exercise="latent_table" wrong="normal draws, cut off at two standard deviations"
_right = LatentTable
class LatentTable(_right):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__(count, code_length, spread)
        nn.init.trunc_normal_(self.codes, std=spread, a=-2 * spread, b=2 * spread)

# %% exercise="latent_table" wrong="codes start at zero"
_right = LatentTable
class LatentTable(_right):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__(count, code_length, 0.0)

# %% exercise="latent_table" wrong="all objects start with one code"
_right = LatentTable
class LatentTable(_right):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__(count, code_length, spread)
        self.codes.data = self.codes.data[:1].repeat(count, 1)

# %% exercise="latent_table" wrong="a seed of its own: all tables start alike"
_right = LatentTable
class LatentTable(_right):
    def __init__(self, count, code_length, spread=0.01):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            super().__init__(count, code_length, spread)

# %% exercise="latent_table" wrong="nn.Embedding as it starts"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.table = nn.Embedding(count, code_length)
    def forward(self, objects):
        unknown = (objects < 0) | (objects >= self.table.num_embeddings)
        if unknown.any():
            raise IndexError(f"no object {objects[unknown].flatten()[0].item()}, there are {self.table.num_embeddings}")
        return self.table(objects)

# %% exercise="latent_table" wrong="object 0 is padding"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.table = nn.Embedding(count, code_length, padding_idx=0)
        nn.init.normal_(self.table.weight, std=spread)
    def forward(self, objects):
        unknown = (objects < 0) | (objects >= self.table.num_embeddings)
        if unknown.any():
            raise IndexError(f"no object {objects[unknown].flatten()[0].item()}, there are {self.table.num_embeddings}")
        return self.table(objects)

# %% exercise="latent_table" wrong="codes are cut to length 1"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.table = nn.Embedding(count, code_length, max_norm=1.0)
        nn.init.normal_(self.table.weight, std=spread)
    def forward(self, objects):
        unknown = (objects < 0) | (objects >= self.table.num_embeddings)
        if unknown.any():
            raise IndexError(f"no object {objects[unknown].flatten()[0].item()}, there are {self.table.num_embeddings}")
        return self.table(objects)

# %% exercise="latent_table" wrong="normalised codes"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        return F.normalize(super().forward(objects), dim=-1)

# %% exercise="latent_table" wrong="a buffer: nothing learns"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.register_buffer("codes", spread * torch.randn(count, code_length))
    def forward(self, objects):
        unknown = (objects < 0) | (objects >= len(self.codes))
        if unknown.any():
            raise IndexError(f"no object {objects[unknown].flatten()[0].item()} of {len(self.codes)}")
        return self.codes[objects]

# %% exercise="latent_table" wrong="a plain tensor"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.codes = spread * torch.randn(count, code_length, requires_grad=True)
    def forward(self, objects):
        unknown = (objects < 0) | (objects >= len(self.codes))
        if unknown.any():
            raise IndexError(f"no object {objects[unknown].flatten()[0].item()} of {len(self.codes)}")
        return self.codes[objects]

# %% exercise="latent_table" wrong="a list of codes"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.codes = nn.ParameterList([nn.Parameter(spread * torch.randn(code_length)) for _ in range(count)])
    def forward(self, objects):
        for number in objects.flatten().tolist():
            if not 0 <= number < len(self.codes):
                raise IndexError(f"no object {number} of {len(self.codes)}")
        return torch.stack(list(self.codes))[objects]

# %% exercise="latent_table" wrong="codes in columns"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.codes = nn.Parameter(spread * torch.randn(code_length, count))
    def forward(self, objects):
        unknown = (objects < 0) | (objects >= self.codes.shape[1])
        if unknown.any():
            raise IndexError(f"no object {objects[unknown].flatten()[0].item()} of {self.codes.shape[1]}")
        return self.codes.T[objects]

# %% exercise="latent_table" wrong="codes are handed out detached"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        return super().forward(objects).detach()

# %% exercise="latent_table" wrong="codes through .data"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        super().forward(objects)
        return self.codes.data[objects]

# %% exercise="latent_table" wrong="every row learns a little"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        mean = self.codes.mean(0)
        return super().forward(objects) + mean - mean.detach()

# %% exercise="latent_table" wrong="repeated objects learn once"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        found = super().forward(objects)
        seen, flat = set(), found.reshape(-1, found.shape[-1])
        rows = []
        for number, row in zip(objects.flatten().tolist(), flat):
            rows.append(row.detach() if number in seen else row)
            seen.add(number)
        return torch.stack(rows).reshape(found.shape) if rows else found

# %% exercise="latent_table" wrong="counted from 1"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.codes = nn.Parameter(spread * torch.randn(count, code_length))
    def forward(self, objects):
        unknown = (objects < 1) | (objects > len(self.codes))
        if unknown.any():
            raise IndexError(f"no object {objects[unknown].flatten()[0].item()} of {len(self.codes)}")
        return self.codes[objects - 1]

# %% exercise="latent_table" wrong="negative numbers count from the end"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.codes = nn.Parameter(spread * torch.randn(count, code_length))
    def forward(self, objects):
        return self.codes[objects]

# %% exercise="latent_table" wrong="numbers wrap around"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        return self.codes[objects % len(self.codes)]

# %% exercise="latent_table" wrong="unknown objects are clamped"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        return self.codes[objects.clamp(0, len(self.codes) - 1)]

# %% exercise="latent_table" wrong="nn.Embedding's own message"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.table = nn.Embedding(count, code_length)
        nn.init.normal_(self.table.weight, std=spread)
    def forward(self, objects):
        return self.table(objects)

# %% exercise="latent_table" wrong="KeyError"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        try:
            return super().forward(objects)
        except IndexError as error:
            raise KeyError(str(error))

# %% exercise="latent_table" wrong="ValueError"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        try:
            return super().forward(objects)
        except IndexError as error:
            raise ValueError(str(error))

# %% exercise="latent_table" wrong="the largest number is named"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        if ((objects < 0) | (objects >= len(self.codes))).any():
            raise IndexError(f"no object {objects.max()}, there are {len(self.codes)}")
        return self.codes[objects]

# %% exercise="latent_table" wrong="the last number that does not fit is named"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        unknown = (objects < 0) | (objects >= len(self.codes))
        if unknown.any():
            raise IndexError(f"no object {objects[unknown][-1]}, there are {len(self.codes)}")
        return self.codes[objects]

# %% exercise="latent_table" wrong="negative numbers are named first"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        for unknown in (objects < 0, objects >= len(self.codes)):
            if unknown.any():
                raise IndexError(f"no object {objects[unknown].flatten()[0]}, there are {len(self.codes)}")
        return self.codes[objects]

# %% exercise="latent_table" wrong="all numbers are printed, PyTorch shortens them"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        if ((objects < 0) | (objects >= len(self.codes))).any():
            raise IndexError(f"some of {objects} are no object of {len(self.codes)}")
        return self.codes[objects]

# %% exercise="latent_table" wrong="the message does not say how many there are"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        unknown = (objects < 0) | (objects >= len(self.codes))
        if unknown.any():
            raise IndexError(f"there is no object {objects[unknown].flatten()[0]}")
        return self.codes[objects]

# %% exercise="latent_table" wrong="its place is named, not its number"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        unknown = (objects < 0) | (objects >= len(self.codes))
        if unknown.any():
            place = unknown.flatten().nonzero()[0].item()
            raise IndexError(f"the number at {place} is unknown, there are {len(self.codes)}")
        return self.codes[objects]

# %% exercise="latent_table" wrong="one more object than there are"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        unknown = (objects < 0) | (objects > len(self.codes))
        if unknown.any():
            raise IndexError(f"no object {objects[unknown].flatten()[0]}, there are {len(self.codes)}")
        return self.codes[objects.clamp_max(len(self.codes) - 1)]

# %% exercise="latent_table" wrong="batches are flattened"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        return super().forward(objects.flatten())

# %% exercise="latent_table" wrong="squeezed"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        return super().forward(objects).squeeze()

# %% exercise="latent_table" wrong="noise while training"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        codes = super().forward(objects)
        return codes + 0.01 * torch.randn_like(codes) if self.training else codes

# %% exercise="latent_table" right="nn.Embedding inside"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.table = nn.Embedding(count, code_length)
        nn.init.normal_(self.table.weight, 0, spread)
    def forward(self, objects):
        count = self.table.num_embeddings
        wrong = objects[(objects < 0) | (objects >= count)]
        if len(wrong):
            raise IndexError(f"object {wrong[0]} is not in the table: it has {count} rows, 0 to {count - 1}")
        return self.table(objects)

# %% exercise="latent_table" right="a subclass of nn.Embedding, numbers checked in a loop"
class LatentTable(nn.Embedding):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__(count, code_length)
        self.weight.data.normal_().mul_(spread)
    def forward(self, objects):
        for i in objects.reshape(-1).tolist():
            if i not in range(self.num_embeddings):
                raise IndexError(f"{i} is none of the {self.num_embeddings} objects")
        return super().forward(objects)

# %% exercise="latent_table" right="index_select, PyTorch's own words for large numbers"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.z = nn.Parameter(torch.empty(count, code_length).normal_(0, spread))
    def forward(self, objects):
        flat = objects.flatten()
        outside = torch.logical_or(flat < 0, flat > len(self.z) - 1)
        if outside.any():
            first = flat[outside.nonzero()[0, 0]].item()
            raise IndexError(f"index {first} is out of bounds for dimension 0 with size {len(self.z)}")
        return self.z.index_select(0, flat).reshape(*objects.shape, -1) if len(flat) else self.z[objects]

# %% exercise="latent_table" right="one-hot rows times the table"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.codes = nn.Parameter(torch.normal(0.0, spread, (count, code_length)))
    def forward(self, objects):
        count = self.codes.shape[0]
        bad = [i for i in objects.flatten().tolist() if i < 0 or i >= count]
        if bad:
            raise IndexError(f"no objects {bad}: the table has {count}")
        return F.one_hot(objects, count).to(self.codes.dtype) @ self.codes

# %% exercise="latent_table" right="the error is a subclass of IndexError"
class UnknownObject(IndexError):
    pass
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        try:
            return super().forward(objects)
        except IndexError as error:
            raise UnknownObject(f"{error}: hand in numbers from 0 to {len(self.codes) - 1}")

# %% exercise="hyper_layer" wrong="b before W"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        outputs, inputs = self.shape
        b, W = self.layers(z).split([outputs, outputs * inputs], dim=-1)
        return W.unflatten(-1, self.shape), b

# %% exercise="hyper_layer" wrong="W column by column"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        outputs, inputs = self.shape
        W, b = self.layers(z).split([outputs * inputs, outputs], dim=-1)
        return W.unflatten(-1, (inputs, outputs)).mT, b

# %% exercise="hyper_layer" wrong="W transposed"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        W, b = super().forward(z)
        return W.mT, b

# %% exercise="hyper_layer" wrong="row by row with b at the end of each row"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        outputs, inputs = self.shape
        both = self.layers(z).unflatten(-1, (outputs, inputs + 1))
        return both[..., :-1], both[..., -1]

# %% exercise="hyper_layer" wrong="the whole output is scaled by a tenth"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        W, b = super().forward(z)
        return 0.1 * W, 0.1 * b

# %% exercise="hyper_layer" wrong="(b, W)"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        return super().forward(z)[::-1]

# %% exercise="hyper_layer" wrong="b keeps a dimension of one"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        W, b = super().forward(z)
        return W, b[:, None]

# %% exercise="hyper_layer" wrong="squeezed"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        W, b = super().forward(z)
        return W.squeeze(), b.squeeze()

# %% exercise="hyper_layer" wrong="one layer for all, from the mean code"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        return super().forward(z.mean(0, keepdim=True).expand_as(z))

# %% exercise="hyper_layer" wrong="normalised weights"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        W, b = super().forward(z)
        return F.normalize(W, dim=-1), b

# %% exercise="hyper_layer" wrong="a residual of nn.Linear's start"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__(code_length, inputs, outputs, hidden, depth)
        self.register_buffer("base", nn.Linear(inputs, outputs).weight.detach())
    def forward(self, z):
        W, b = super().forward(z)
        return self.base + W, b

# %% exercise="hyper_layer" wrong="no layer normalisation"
class HyperLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__()
        self.shape = outputs, inputs
        widths, blocks = [code_length, *depth * [hidden]], []
        for a, b in pairwise(widths):
            blocks += [nn.Linear(a, b), nn.ReLU()]
        last = nn.Linear(widths[-1], (inputs + 1) * outputs)
        nn.init.kaiming_normal_(last.weight)
        last.weight.data *= 0.1
        self.layers = nn.Sequential(*blocks, last)
    def forward(self, z):
        outputs, inputs = self.shape
        W, b = self.layers(z).split([outputs * inputs, outputs], dim=-1)
        return W.unflatten(-1, self.shape), b

# %% exercise="hyper_layer" wrong="layer normalisation without learned scale and shift"
class HyperLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__()
        self.shape = outputs, inputs
        widths, blocks = [code_length, *depth * [hidden]], []
        for a, b in pairwise(widths):
            blocks += [nn.Linear(a, b), nn.LayerNorm(b, elementwise_affine=False), nn.ReLU()]
        last = nn.Linear(widths[-1], (inputs + 1) * outputs)
        nn.init.kaiming_normal_(last.weight)
        last.weight.data *= 0.1
        self.layers = nn.Sequential(*blocks, last)
    def forward(self, z):
        outputs, inputs = self.shape
        W, b = self.layers(z).split([outputs * inputs, outputs], dim=-1)
        return W.unflatten(-1, self.shape), b

# %% exercise="hyper_layer" wrong="layer normalisation after ReLU"
def _blocks(layers, order):
    blocks, last = list(layers[:-1]), layers[-1]
    triples = [blocks[k : k + 3] for k in range(0, len(blocks), 3)]
    return nn.Sequential(*[triple[k] for triple in triples for k in order], last)
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers = _blocks(self.layers, (0, 2, 1))

# %% exercise="hyper_layer" wrong="layer normalisation before the linear layer"
class HyperLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__()
        self.shape = outputs, inputs
        widths, blocks = [code_length, *depth * [hidden]], []
        for a, b in pairwise(widths):
            blocks += [nn.LayerNorm(a), nn.Linear(a, b), nn.ReLU()]
        last = nn.Linear(widths[-1], (inputs + 1) * outputs)
        nn.init.kaiming_normal_(last.weight)
        last.weight.data *= 0.1
        self.layers = nn.Sequential(*blocks, last)
    def forward(self, z):
        outputs, inputs = self.shape
        W, b = self.layers(z).split([outputs * inputs, outputs], dim=-1)
        return W.unflatten(-1, self.shape), b

# %% exercise="hyper_layer" wrong="no ReLU"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers = nn.Sequential(*[x for x in self.layers if not isinstance(x, nn.ReLU)])

# %% exercise="hyper_layer" wrong="leaky ReLU"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers = nn.Sequential(*[nn.LeakyReLU(0.01) if isinstance(x, nn.ReLU) else x for x in self.layers])

# %% exercise="hyper_layer" wrong="GELU"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers = nn.Sequential(*[nn.GELU() if isinstance(x, nn.ReLU) else x for x in self.layers])

# %% exercise="hyper_layer" wrong="ReLU after the last layer, too"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        W, b = super().forward(z)
        return W.relu(), b.relu()

# %% exercise="hyper_layer" wrong="batch normalisation"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers = nn.Sequential(
            *[nn.BatchNorm1d(x.normalized_shape[0]) if isinstance(x, nn.LayerNorm) else x for x in self.layers]
        )

# %% exercise="hyper_layer" wrong="root mean square instead of layer normalisation, with a shift"
class Scaled(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.ones(width)), nn.Parameter(torch.zeros(width))
    def forward(self, x):
        return x / (x.square().mean(-1, keepdim=True) + 1e-5).sqrt() * self.scale + self.shift
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers = nn.Sequential(
            *[Scaled(x.normalized_shape[0]) if isinstance(x, nn.LayerNorm) else x for x in self.layers]
        )

# %% exercise="hyper_layer" wrong="one hidden layer less"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__(code_length, inputs, outputs, hidden, max(depth - 1, 1))

# %% exercise="hyper_layer" wrong="one hidden layer more"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__(code_length, inputs, outputs, hidden, depth + 1)

# %% exercise="hyper_layer" wrong="always two hidden layers"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__(code_length, inputs, outputs, hidden, 2)

# %% exercise="hyper_layer" wrong="one hidden layer by default"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=1):
        super().__init__(code_length, inputs, outputs, hidden, depth)

# %% exercise="hyper_layer" wrong="64 hidden features by default"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, code_length, inputs, outputs, hidden=64, depth=2):
        super().__init__(code_length, inputs, outputs, hidden, depth)

# %% exercise="hyper_layer" wrong="one layer normalisation for all hidden layers"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__(code_length, inputs, outputs, hidden, depth)
        norm = nn.LayerNorm(hidden)
        self.layers = nn.Sequential(*[norm if isinstance(x, nn.LayerNorm) else x for x in self.layers])

# %% exercise="hyper_layer" wrong="the second hidden layer twice, the third never"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        layers = list(self.layers)
        if len(layers) > 7:
            layers[6:9] = layers[3:6]
        outputs, inputs = self.shape
        W, b = nn.Sequential(*layers)(z).split([outputs * inputs, outputs], dim=-1)
        return W.unflatten(-1, self.shape), b

# %% exercise="hyper_layer" wrong="no bias in the last layer"
class HyperLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__()
        self.shape = outputs, inputs
        widths, blocks = [code_length, *depth * [hidden]], []
        for a, b in pairwise(widths):
            blocks += [nn.Linear(a, b), nn.LayerNorm(b), nn.ReLU()]
        last = nn.Linear(widths[-1], (inputs + 1) * outputs, bias=False)
        nn.init.kaiming_normal_(last.weight)
        last.weight.data *= 0.1
        self.layers = nn.Sequential(*blocks, last)
    def forward(self, z):
        outputs, inputs = self.shape
        W, b = self.layers(z).split([outputs * inputs, outputs], dim=-1)
        return W.unflatten(-1, self.shape), b

# %% exercise="hyper_layer" wrong="no biases before layer normalisation"
class HyperLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__()
        self.shape = outputs, inputs
        widths, blocks = [code_length, *depth * [hidden]], []
        for a, b in pairwise(widths):
            blocks += [nn.Linear(a, b, bias=False), nn.LayerNorm(b), nn.ReLU()]
        last = nn.Linear(widths[-1], (inputs + 1) * outputs)
        nn.init.kaiming_normal_(last.weight)
        last.weight.data *= 0.1
        self.layers = nn.Sequential(*blocks, last)
    def forward(self, z):
        outputs, inputs = self.shape
        W, b = self.layers(z).split([outputs * inputs, outputs], dim=-1)
        return W.unflatten(-1, self.shape), b

# %% exercise="hyper_layer" wrong="only W is written, b is learned"
class HyperLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__()
        self.shape = outputs, inputs
        widths, blocks = [code_length, *depth * [hidden]], []
        for a, b in pairwise(widths):
            blocks += [nn.Linear(a, b), nn.LayerNorm(b), nn.ReLU()]
        last = nn.Linear(widths[-1], inputs * outputs)
        nn.init.kaiming_normal_(last.weight)
        last.weight.data *= 0.1
        self.layers = nn.Sequential(*blocks, last)
        self.b = nn.Parameter(torch.zeros(outputs))
    def forward(self, z):
        return self.layers(z).unflatten(-1, self.shape), self.b.expand(len(z), -1)

# %% exercise="hyper_layer" wrong="dropout"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers.insert(len(self.layers) - 1, nn.Dropout(0.1))

# %% exercise="hyper_layer" wrong="W without gradient"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        W, b = super().forward(z)
        return W.detach(), b

# %% exercise="hyper_layer" wrong="b without gradient"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        W, b = super().forward(z)
        return W, b.detach()

# %% exercise="hyper_layer" wrong="nothing learns"
_right = HyperLayer
class HyperLayer(_right):
    @torch.no_grad()
    def forward(self, z):
        return super().forward(z)

# %% exercise="hyper_layer" wrong="no gradient for the code"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        return super().forward(z.detach())

# %% exercise="hyper_layer" wrong="the last weight starts as nn.Linear leaves it"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers[-1].reset_parameters()

# %% exercise="hyper_layer" wrong="the last weight is not scaled"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        nn.init.kaiming_normal_(self.layers[-1].weight)

# %% exercise="hyper_layer" wrong="a hundredth instead of a tenth"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers[-1].weight.data *= 0.1

# %% exercise="hyper_layer" wrong="variance scaled by a tenth"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers[-1].weight.data *= 10**0.5

# %% exercise="hyper_layer" wrong="gain 1: variance 1 / hidden"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers[-1].weight.data *= 0.5**0.5

# %% exercise="hyper_layer" wrong="Kaiming's rule by outputs"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        nn.init.kaiming_normal_(self.layers[-1].weight, mode="fan_out").data.mul_(0.1)

# %% exercise="hyper_layer" wrong="Kaiming's uniform rule"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        nn.init.kaiming_uniform_(self.layers[-1].weight).data.mul_(0.1)

# %% exercise="hyper_layer" wrong="Xavier's rule"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        nn.init.xavier_normal_(self.layers[-1].weight).data.mul_(0.1)

# %% exercise="hyper_layer" wrong="the last weight one percent too large"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers[-1].weight.data *= 1.01

# %% exercise="hyper_layer" wrong="the last weight starts at zero"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        nn.init.zeros_(self.layers[-1].weight)

# %% exercise="hyper_layer" wrong="the last bias scaled, too"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers[-1].bias.data *= 0.1

# %% exercise="hyper_layer" wrong="the last bias starts at zero"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        nn.init.zeros_(self.layers[-1].bias)

# %% exercise="hyper_layer" wrong="the last bias starts as a fresh layer of the target's size"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__(code_length, inputs, outputs, hidden, depth)
        fresh = nn.Linear(inputs, outputs)
        self.layers[-1].bias.data = torch.cat([fresh.weight.flatten(), fresh.bias]).detach()

# %% exercise="hyper_layer" wrong="all linear layers by Kaiming's rule"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for x in self.layers[:-1]:
            if isinstance(x, nn.Linear):
                nn.init.kaiming_normal_(x.weight)

# %% exercise="hyper_layer" wrong="all linear layers' biases start at zero"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for x in self.layers[:-1]:
            if isinstance(x, nn.Linear):
                nn.init.zeros_(x.bias)

# %% exercise="hyper_layer" wrong="all linear layers scaled by a tenth"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for x in self.layers[:-1]:
            if isinstance(x, nn.Linear):
                x.weight.data *= 0.1

# %% exercise="hyper_layer" wrong="layer normalisation starts with a scale of a tenth"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for x in self.layers[:-1]:
            if isinstance(x, nn.LayerNorm):
                nn.init.constant_(x.weight, 0.1)

# %% exercise="hyper_layer" wrong="a seed of its own"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        with torch.random.fork_rng():
            torch.manual_seed(1)
            super().__init__(*args, **kwargs)

# %% exercise="hyper_layer" wrong="scaled at every call, not at the start"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        nn.init.kaiming_normal_(self.layers[-1].weight)
    def forward(self, z):
        outputs, inputs = self.shape
        last = self.layers[-1]
        flat = F.linear(self.layers[:-1](z), 0.1 * last.weight, last.bias)
        W, b = flat.split([outputs * inputs, outputs], dim=-1)
        return W.unflatten(-1, self.shape), b

# %% exercise="hyper_layer" right="module list, reshape, a list of two"
class HyperLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__()
        self.inputs, self.outputs = inputs, outputs
        self.linears, self.norms = nn.ModuleList(), nn.ModuleList()
        for k in range(depth):
            self.linears.append(nn.Linear(hidden if k else code_length, hidden))
            self.norms.append(nn.LayerNorm([hidden]))
        self.to_numbers = nn.Linear(hidden, inputs * outputs + outputs)
        self.to_numbers.weight.data = 0.1 * torch.randn_like(self.to_numbers.weight) * (2 / hidden) ** 0.5
    def forward(self, z):
        for linear, norm in zip(self.linears, self.norms):
            z = norm(linear(z)).clamp(min=0)
        numbers = self.to_numbers(z)
        count = self.inputs * self.outputs
        return [numbers[:, :count].reshape(-1, self.outputs, self.inputs), numbers[:, count:]]

# %% exercise="hyper_layer" right="parameters by hand, in another order"
class HyperLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__()
        self.shape = (outputs, inputs)
        count, bound = outputs * (inputs + 1), hidden**-0.5
        self.head_bias = nn.Parameter(torch.empty(count).uniform_(-bound, bound))
        self.head = nn.Parameter(torch.randn(count, hidden) * 0.1 * (2 / hidden) ** 0.5)
        self.shifts = nn.ParameterList([nn.Parameter(torch.zeros(hidden)) for _ in range(depth)])
        self.scales = nn.ParameterList([nn.Parameter(torch.ones(hidden)) for _ in range(depth)])
        self.As, self.bs = nn.ParameterList(), nn.ParameterList()
        for k in range(depth):
            width = hidden if k else code_length
            self.As.append(nn.Parameter(torch.empty(hidden, width).uniform_(-1, 1) / width**0.5))
            self.bs.append(nn.Parameter(torch.empty(hidden).uniform_(-1, 1) / width**0.5))
    def forward(self, z):
        for A, b, scale, shift in zip(self.As, self.bs, self.scales, self.shifts):
            y = z @ A.T + b
            y = (y - y.mean(-1, keepdim=True)) / (y.var(-1, keepdim=True, correction=0) + 1e-5).sqrt()
            z = torch.maximum(y * scale + shift, torch.zeros(()))
        rows = torch.einsum("nh,bh->bn", self.head, z) + self.head_bias
        W = rows[:, : self.shape[0] * self.shape[1]].view(-1, *self.shape)
        return W, rows[:, -self.shape[0] :]

# %% exercise="hyper_layer" right="two heads sharing one weight, by chunks"
class HyperLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__()
        self.outputs, self.inputs = outputs, inputs
        blocks, width = nn.Sequential(), code_length
        for k in range(depth):
            block = nn.Sequential(nn.Linear(width, hidden), nn.LayerNorm(hidden, eps=1e-6), nn.ReLU(inplace=True))
            blocks.add_module(f"block{k}", block)
            width = hidden
        self.blocks, self.last = blocks, nn.Linear(width, (inputs + 1) * outputs)
        nn.init.normal_(self.last.weight, std=0.1 * (2 / width) ** 0.5)
    def forward(self, z):
        features, cut = self.blocks(z), self.outputs * self.inputs
        W = F.linear(features, self.last.weight[:cut], self.last.bias[:cut])
        b = F.linear(features, self.last.weight[cut:], self.last.bias[cut:])
        return torch.stack(W.chunk(self.outputs, dim=-1), dim=1), b

# %% exercise="scene_function" wrong="nothing after the last layer"
def scene_function(weights, x):
    for k, (W, b) in enumerate(weights):
        if k > 0:
            x = F.relu(F.layer_norm(x, x.shape[-1:]))
        x = torch.baddbmm(b[:, None], x, W.mT)
    return x

# %% exercise="scene_function" wrong="no ReLU after the last layer"
def scene_function(weights, x):
    for k, (W, b) in enumerate(weights):
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.layer_norm(x, x.shape[-1:])
        if k + 1 < len(weights):
            x = F.relu(x)
    return x

# %% exercise="scene_function" wrong="no layer normalisation after the last layer"
def scene_function(weights, x):
    for k, (W, b) in enumerate(weights):
        x = torch.baddbmm(b[:, None], x, W.mT)
        if k + 1 < len(weights):
            x = F.layer_norm(x, x.shape[-1:])
        x = F.relu(x)
    return x

# %% exercise="scene_function" wrong="ReLU before layer normalisation"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.layer_norm(F.relu(x), x.shape[-1:])
    return x

# %% exercise="scene_function" wrong="normalised before W"
def scene_function(weights, x):
    for W, b in weights:
        x = F.layer_norm(x, x.shape[-1:])
        x = F.relu(torch.baddbmm(b[:, None], x, W.mT))
    return x

# %% exercise="scene_function" wrong="no layer normalisation"
def scene_function(weights, x):
    for W, b in weights:
        x = F.relu(torch.baddbmm(b[:, None], x, W.mT))
    return x

# %% exercise="scene_function" wrong="no ReLU"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.layer_norm(x, x.shape[-1:])
    return x

# %% exercise="scene_function" wrong="normalised over points and features"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.relu(F.layer_norm(x, x.shape[-2:]))
    return x

# %% exercise="scene_function" wrong="normalised over the points"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.relu(F.layer_norm(x.mT, x.shape[1:2]).mT)
    return x

# %% exercise="scene_function" wrong="normalised over the objects"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = (x - x.mean(0)) / (x.var(0, correction=0) + 1e-5).sqrt()
        x = F.relu(x)
    return x

# %% exercise="scene_function" wrong="epsilon of 1e-6"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.relu(F.layer_norm(x, x.shape[-1:], eps=1e-6))
    return x

# %% exercise="scene_function" wrong="epsilon added to the standard deviation"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True, correction=0) + 1e-5)
        x = F.relu(x)
    return x

# %% exercise="scene_function" wrong="variance divided by n - 1"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = (x - x.mean(-1, keepdim=True)) / (x.var(-1, keepdim=True) + 1e-5).sqrt()
        x = F.relu(x)
    return x

# %% exercise="scene_function" wrong="no mean taken off"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.relu(x / (x.square().mean(-1, keepdim=True) + 1e-5).sqrt())
    return x

# %% exercise="scene_function" wrong="a fresh nn.LayerNorm with the weights it would learn"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        norm = nn.LayerNorm(x.shape[-1])
        nn.init.uniform_(norm.weight, 0.5, 1.5)
        x = F.relu(norm(x))
    return x

# %% exercise="scene_function" wrong="W transposed where it fits"
def scene_function(weights, x):
    for W, b in weights:
        M = W if W.shape[1] == W.shape[2] else W.mT
        x = torch.baddbmm(b[:, None], x, M)
        x = F.relu(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="scene_function" wrong="b is left out"
def scene_function(weights, x):
    for W, b in weights:
        x = x @ W.mT
        x = F.relu(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="scene_function" wrong="b added after layer normalisation"
def scene_function(weights, x):
    for W, b in weights:
        x = F.layer_norm(x @ W.mT, W.shape[1:2])
        x = F.relu(x + b[:, None])
    return x

# %% exercise="scene_function" wrong="b broadcast over objects where it fits"
def scene_function(weights, x):
    for W, b in weights:
        try:
            x = x @ W.mT + b
        except RuntimeError:
            x = x @ W.mT + b[:, None]
        x = F.relu(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="scene_function" wrong="the first object's layers for all"
def scene_function(weights, x):
    for W, b in weights:
        x = F.linear(x, W[0], b[0])
        x = F.relu(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="scene_function" wrong="the mean of all layers"
def scene_function(weights, x):
    for W, b in weights:
        x = F.linear(x, W.mean(0), b.mean(0))
        x = F.relu(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="scene_function" wrong="layers in reverse where they fit"
def scene_function(weights, x):
    for k in range(len(weights)):
        W, b = weights[-1 - k]
        if W.shape[2] != x.shape[2]:
            W, b = weights[k]
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.relu(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="scene_function" wrong="only two layers"
def scene_function(weights, x):
    for W, b in list(weights)[:2]:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.relu(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="scene_function" wrong="sine instead of ReLU"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = torch.sin(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="scene_function" wrong="leaky ReLU"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.leaky_relu(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="scene_function" wrong="a residual where widths agree"
def scene_function(weights, x):
    for W, b in weights:
        y = torch.baddbmm(b[:, None], x, W.mT)
        y = F.relu(F.layer_norm(y, y.shape[-1:]))
        x = x + y if x.shape == y.shape else y
    return x

# %% exercise="scene_function" wrong="squeezed"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.relu(F.layer_norm(x, x.shape[-1:]))
    return x.squeeze()

# %% exercise="scene_function" wrong="copied into nn.Linear: weights do not learn"
def scene_function(weights, x):
    rows = []
    for i in range(len(x)):
        h = x[i]
        for W, b in weights:
            layer = nn.Linear(W.shape[2], W.shape[1])
            layer.weight.data, layer.bias.data = W[i], b[i]
            h = F.relu(F.layer_norm(layer(h), b.shape[1:]))
        rows.append(h)
    return torch.stack(rows)

# %% exercise="scene_function" wrong="points without gradient"
def scene_function(weights, x):
    x = x.detach()
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.relu(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="scene_function" wrong="b without gradient"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b.detach()[:, None], x, W.mT)
        x = F.relu(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="scene_function" wrong="always in float32"
_right = scene_function
def scene_function(weights, x):
    return _right([(W.float(), b.float()) for W, b in weights], x.float()).to(x.dtype)

# %% exercise="scene_function" right="loops over objects, F.linear"
def scene_function(weights, x):
    found = []
    for i in range(x.shape[0]):
        h = x[i]
        for W, b in weights:
            h = F.linear(h, W[i], b[i])
            h = F.layer_norm(h, (h.shape[-1],)).clamp(min=0)
        found.append(h)
    return torch.stack(found, 0)

# %% exercise="scene_function" right="einsum, normalisation by hand"
def scene_function(weights, x):
    for layer in weights:
        x = torch.einsum("boi,bni->bno", layer[0], x) + layer[1].unsqueeze(1)
        mean, variance = x.mean(-1, True), x.var(-1, unbiased=False, keepdim=True)
        x = torch.relu((x - mean) * torch.rsqrt(variance + 1e-5))
    return x

# %% exercise="scene_function" right="vmap, nn.LayerNorm as it starts, without its parameters"
def scene_function(weights, x):
    def one(layers, points):
        for W, b in layers:
            points = nn.LayerNorm(len(b), elementwise_affine=False)(points @ W.T + b)
            points = nn.functional.relu(points)
        return points
    return torch.vmap(one)([tuple(layer) for layer in weights], x)

# %% exercise="scene_function" right="columns, in float64"
def scene_function(weights, x):
    columns = x.double().mT
    for W, b in weights:
        columns = W.double() @ columns + b.double()[..., None]
        centred = columns - columns.mean(1, keepdim=True)
        columns = (centred / (centred.pow(2).mean(1, keepdim=True) + 1e-5) ** 0.5).relu()
    return columns.mT.to(x.dtype)

# %% exercise="ray_point" wrong="distance instead of depth"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, torch.ones_like(depth))
    xyz = F.normalize(xyz, dim=-1) * depth[..., None]
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="with the world_rays of notebook 1, whose directions are unit"
from course_lib.solved.camera_geometry import world_rays
def ray_point(uv, depth, K, world_from_camera):
    origins, directions = world_rays(uv, K, world_from_camera)
    return origins + depth[..., None] * directions

# %% exercise="ray_point" wrong="camera_from_world"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, depth)
    return transform(invert_rigid(world_from_camera), homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="rotation transposed"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, depth)
    R, t = world_from_camera[..., :3, :3], world_from_camera[..., :3, 3]
    return (xyz[..., None, :] @ R)[..., 0, :] + t

# %% exercise="ray_point" wrong="K is not inverted"
def ray_point(uv, depth, K, world_from_camera):
    xyz = (K @ homogenize_points(uv)[..., None])[..., 0] * depth[..., None]
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="no K"
def ray_point(uv, depth, K, world_from_camera):
    xyz = homogenize_points(uv) * depth[..., None]
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="no skew"
def ray_point(uv, depth, K, world_from_camera):
    f, c = torch.stack([K[..., 0, 0], K[..., 1, 1]], -1), K[..., :2, 2]
    xyz = homogenize_points((uv - c) / f) * depth[..., None]
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="one focal length"
def ray_point(uv, depth, K, world_from_camera):
    K = K.clone()
    K[..., 1, 1] = K[..., 0, 0]
    xyz = unproject(K, uv, depth)
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="half a pixel is added"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv + 0.5 / 64, depth)
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="uv from -1 to 1"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, 2 * uv - 1, depth)
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="u and v swapped"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv.flip(-1), depth)
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="no translation"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, depth)
    return (world_from_camera[..., :3, :3] @ xyz[..., None])[..., 0]

# %% exercise="ray_point" wrong="translation scaled by the depth"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, torch.ones_like(depth))
    return transform(world_from_camera, homogenize_points(xyz))[..., :3] * depth[..., None]

# %% exercise="ray_point" wrong="in the camera's frame"
def ray_point(uv, depth, K, world_from_camera):
    return unproject(K, uv, depth) + 0 * world_from_camera[..., :3, 3]

# %% exercise="ray_point" wrong="four numbers"
def ray_point(uv, depth, K, world_from_camera):
    return transform(world_from_camera, homogenize_points(unproject(K, uv, depth)))

# %% exercise="ray_point" wrong="the camera looks along -z"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, depth) * torch.tensor([1.0, -1.0, -1.0])
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="depth without a sign"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, depth.abs())
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="nothing behind the camera"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, depth.clamp_min(0))
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="at depth 0 there is no point"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, depth) * (depth / depth)[..., None]
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="depth must have all dimensions"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, depth.reshape(uv.shape[:-1]))
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="matrices applied to all points from the right: batches get lost"
def ray_point(uv, depth, K, world_from_camera):
    xyz = homogenize_points(uv) @ torch.linalg.inv(K).mT * depth[..., None]
    return xyz @ world_from_camera[..., :3, :3].mT + world_from_camera[..., :3, 3]

# %% exercise="ray_point" wrong="the first camera for all"
def ray_point(uv, depth, K, world_from_camera):
    K, pose = K.reshape(-1, 3, 3)[0], world_from_camera.reshape(-1, 4, 4)[0]
    return transform(pose, homogenize_points(unproject(K, uv, depth)))[..., :3]

# %% exercise="ray_point" wrong="no gradient for the depth"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, depth.detach())
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="no gradient for the cameras"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, depth)
    return transform(world_from_camera.detach(), homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="nothing learns"
@torch.no_grad()
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, depth)
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="depth_of tells the distance"
def depth_of(x, world_from_camera):
    return (x - world_from_camera[..., :3, 3]).norm(dim=-1)

# %% exercise="ray_point" wrong="depth_of with the pose itself"
def depth_of(x, world_from_camera):
    return transform(world_from_camera, homogenize_points(x))[..., 2]

# %% exercise="ray_point" wrong="depth_of without the translation"
def depth_of(x, world_from_camera):
    return (x * world_from_camera[..., :3, 2]).sum(-1)

# %% exercise="ray_point" wrong="depth_of takes the third row for the optical axis"
def depth_of(x, world_from_camera):
    return ((x - world_from_camera[..., :3, 3]) * world_from_camera[..., 2, :3]).sum(-1)

# %% exercise="ray_point" wrong="depth_of without a sign"
def depth_of(x, world_from_camera):
    return transform(invert_rigid(world_from_camera), homogenize_points(x))[..., 2].abs()

# %% exercise="ray_point" wrong="depth_of never below zero"
def depth_of(x, world_from_camera):
    return transform(invert_rigid(world_from_camera), homogenize_points(x))[..., 2].relu()

# %% exercise="ray_point" wrong="depth_of looks along -z"
def depth_of(x, world_from_camera):
    return -transform(invert_rigid(world_from_camera), homogenize_points(x))[..., 2]

# %% exercise="ray_point" wrong="depth_of tells world z"
def depth_of(x, world_from_camera):
    return x[..., 2] - world_from_camera[..., 2, 3]

# %% exercise="ray_point" wrong="depth_of keeps a dimension of one"
def depth_of(x, world_from_camera):
    return transform(invert_rigid(world_from_camera), homogenize_points(x))[..., 2:3]

# %% exercise="ray_point" wrong="depth_of of all points in each camera"
def depth_of(x, world_from_camera):
    return ((x - world_from_camera[..., :3, 3]) @ world_from_camera[..., :3, 2:])[..., 0]

# %% exercise="ray_point" wrong="depth_of without gradient"
def depth_of(x, world_from_camera):
    return transform(invert_rigid(world_from_camera), homogenize_points(x))[..., 2].detach()

# %% exercise="ray_point" wrong="points in float32 whatever comes"
_right = ray_point
def ray_point(*args):
    return _right(*(x.float() for x in args))

# %% exercise="ray_point" wrong="a column of ones in float32 stands in the way of float64"
def ray_point(uv, depth, K, world_from_camera):
    rows = torch.cat([uv, torch.ones(*uv.shape[:-1], 1, dtype=torch.float32).to(uv.device)], -1).float()
    xyz = (torch.linalg.inv(K.float()) @ rows[..., None])[..., 0] * depth[..., None]
    return transform(world_from_camera, homogenize_points(xyz.to(world_from_camera.dtype)))[..., :3]

# %% exercise="ray_point" right="one matrix by hand"
def ray_point(uv, depth, K, world_from_camera):
    one = torch.ones_like(uv[..., :1])
    rays = world_from_camera[..., :3, :3] @ torch.linalg.inv(K)
    direction = (rays @ torch.cat([uv, one], -1).unsqueeze(-1)).squeeze(-1)
    return direction * depth.unsqueeze(-1) + world_from_camera[..., :3, 3]
def depth_of(x, world_from_camera):
    return ((x - world_from_camera[..., :3, 3]) * world_from_camera[..., :3, 2]).sum(-1)

# %% exercise="ray_point" right="distances converted to depths"
from course_lib.solved.camera_geometry import world_rays
def ray_point(uv, depth, K, world_from_camera):
    origins, directions = world_rays(uv, K, world_from_camera)
    axis = world_from_camera[..., :3, 2]
    cosine = (directions * axis).sum(-1)
    return origins + (depth / cosine)[..., None] * directions
def depth_of(x, world_from_camera):
    away = x - world_from_camera[..., :3, 3]
    cosine = (F.normalize(away, dim=-1) * world_from_camera[..., :3, 2]).sum(-1)
    return away.norm(dim=-1) * cosine

# %% exercise="ray_point" right="coordinates written out, einsum"
def ray_point(uv, depth, K, world_from_camera):
    y = (uv[..., 1] - K[..., 1, 2]) / K[..., 1, 1]
    x = (uv[..., 0] - K[..., 0, 2] - K[..., 0, 1] * y) / K[..., 0, 0]
    x, y, z = torch.broadcast_tensors(x * depth, y * depth, depth)
    p = torch.stack([x, y, z, torch.ones_like(z)], -1)
    return torch.einsum("...ij,...j->...i", world_from_camera[..., :3, :], p)
def depth_of(x, world_from_camera):
    homogeneous = torch.cat([x, torch.ones_like(x[..., :1])], -1)
    return torch.einsum("...j,...j->...", torch.linalg.inv(world_from_camera)[..., 2, :], homogeneous)

# %% exercise="ray_marcher" wrong="step by tanh"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        step, memory = super().forward(features, memory)
        return torch.tanh(step), memory

# %% exercise="ray_marcher" wrong="step by softplus: never back"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        step, memory = super().forward(features, memory)
        return F.softplus(step), memory

# %% exercise="ray_marcher" wrong="step without a sign"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        step, memory = super().forward(features, memory)
        return step.abs(), memory

# %% exercise="ray_marcher" wrong="step clamped below at zero"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        step, memory = super().forward(features, memory)
        return step.relu(), memory

# %% exercise="ray_marcher" wrong="step clamped at one"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        step, memory = super().forward(features, memory)
        return step.clamp(-1, 1), memory

# %% exercise="ray_marcher" wrong="the step is read off c"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        _, (h, c) = super().forward(features, memory)
        return self.length(c)[..., 0], (h, c)

# %% exercise="ray_marcher" wrong="the step is read off the old h"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        _, new = super().forward(features, memory)
        old = torch.zeros_like(new[0]) if memory is None else memory[0]
        return self.length(old)[..., 0], new

# %% exercise="ray_marcher" wrong="the step keeps a dimension of one"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        step, memory = super().forward(features, memory)
        return step[..., None], memory

# %% exercise="ray_marcher" wrong="(c, h) is returned"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        step, (h, c) = super().forward(features, memory)
        return step, (c, h)

# %% exercise="ray_marcher" wrong="(c, h) is read and returned"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        step, (h, c) = super().forward(features, memory if memory is None else memory[::-1])
        return step, (c, h)

# %% exercise="ray_marcher" wrong="(c, h) is read"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        return super().forward(features, memory if memory is None else memory[::-1])

# %% exercise="ray_marcher" wrong="memory is not used"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        return super().forward(features, None)

# %% exercise="ray_marcher" wrong="only h is remembered"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        if memory is not None:
            memory = memory[0], torch.zeros_like(memory[1])
        return super().forward(features, memory)

# %% exercise="ray_marcher" wrong="the module keeps the memory itself"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        memory = getattr(self, "kept", None)
        step, memory = super().forward(features, memory)
        self.kept = memory
        return step, memory

# %% exercise="ray_marcher" wrong="the module goes on with its own memory where none is handed in"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        if memory is None:
            memory = getattr(self, "last", None)
            if memory is not None and memory[0].shape[:-1] != features.shape[:-1]:
                memory = None
        step, memory = super().forward(features, memory)
        self.last = tuple(part.detach() for part in memory)
        return step, memory

# %% exercise="ray_marcher" wrong="without memory, h and c start at random"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        if memory is None:
            shape = (*features.shape[:-1], self.cell.hidden_size)
            memory = torch.randn(shape), torch.randn(shape)
        return super().forward(features, memory)

# %% exercise="ray_marcher" wrong="without memory, h and c start as ones"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        if memory is None:
            memory = (torch.ones(*features.shape[:-1], self.cell.hidden_size),) * 2
        return super().forward(features, memory)

# %% exercise="ray_marcher" wrong="the memory is detached"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        step, (h, c) = super().forward(features, memory)
        return step, (h.detach(), c.detach())

# %% exercise="ray_marcher" wrong="the memory that comes is detached"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        if memory is not None:
            memory = memory[0].detach(), memory[1].detach()
        return super().forward(features, memory)

# %% exercise="ray_marcher" wrong="features without gradient"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        return super().forward(features.detach(), memory)

# %% exercise="ray_marcher" wrong="nothing learns"
_right = RayMarcher
class RayMarcher(_right):
    @torch.no_grad()
    def forward(self, features, memory=None):
        return super().forward(features, memory)

# %% exercise="ray_marcher" wrong="one memory for all rays of an object"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        step, (h, c) = super().forward(features, memory)
        if h.ndim > 2:
            h, c = (m.mean(-2, keepdim=True).expand_as(m) for m in (h, c))
        return step, (h, c)

# %% exercise="ray_marcher" wrong="flattened in another order than it is put together"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        if features.ndim < 3:
            return super().forward(features, memory)
        swapped = features.transpose(0, 1).reshape(features.shape)
        return super().forward(swapped, memory)

# %% exercise="ray_marcher" wrong="an object's rays are taken for the steps of a sequence"
class RayMarcher(nn.Module):
    def __init__(self, features=256, hidden=16):
        super().__init__()
        self.cell = nn.LSTM(features, hidden, batch_first=True)
        self.length = nn.Linear(hidden, 1)
        nn.init.kaiming_normal_(self.cell.weight_ih_l0)
        nn.init.orthogonal_(self.cell.weight_hh_l0)
        nn.init.zeros_(self.cell.bias_ih_l0)
        nn.init.zeros_(self.cell.bias_hh_l0)
        self.cell.bias_ih_l0.data[hidden : 2 * hidden] = 1
    def forward(self, features, memory=None):
        out, memory = self.cell(features)
        return self.length(out)[..., 0], (out, out)

# %% exercise="ray_marcher" wrong="works for flat batches only"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        h, c = self.cell(features, memory)
        return self.length(h)[..., 0], (h, c)

# %% exercise="ray_marcher" wrong="results stay flat"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        step, memory = super().forward(features, memory)
        return step.flatten(), tuple(m.reshape(-1, m.shape[-1]) for m in memory)

# %% exercise="ray_marcher" wrong="the memory stays flat"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        step, memory = super().forward(features, memory)
        return step, tuple(m.reshape(-1, m.shape[-1]) for m in memory)

# %% exercise="ray_marcher" wrong="squeezed"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        step, (h, c) = super().forward(features, memory)
        return step.squeeze(), (h.squeeze(), c.squeeze())

# %% exercise="ray_marcher" wrong="only h is returned"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        step, (h, c) = super().forward(features, memory)
        return step, h

# %% exercise="ray_marcher" wrong="three results"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        step, (h, c) = super().forward(features, memory)
        return step, h, c

# %% exercise="ray_marcher" wrong="a GRU"
class RayMarcher(nn.Module):
    def __init__(self, features=256, hidden=16):
        super().__init__()
        self.cell = nn.GRUCell(features, hidden)
        self.length = nn.Linear(hidden, 1)
    def forward(self, features, memory=None):
        h = self.cell(features.reshape(-1, features.shape[-1]), memory and memory[0].reshape(-1, memory[0].shape[-1]))
        h = h.reshape(*features.shape[:-1], -1)
        return self.length(h)[..., 0], (h, h)

# %% exercise="ray_marcher" wrong="no biases in the cell"
class RayMarcher(nn.Module):
    def __init__(self, features=256, hidden=16):
        super().__init__()
        self.cell = nn.LSTMCell(features, hidden, bias=False)
        self.length = nn.Linear(hidden, 1)
        nn.init.kaiming_normal_(self.cell.weight_ih)
        nn.init.orthogonal_(self.cell.weight_hh)
    def forward(self, features, memory=None):
        batch = features.shape[:-1]
        flat = memory and tuple(m.reshape(-1, m.shape[-1]) for m in memory)
        h, c = self.cell(features.reshape(-1, features.shape[-1]), flat)
        return self.length(h).reshape(batch), (h.reshape(*batch, -1), c.reshape(*batch, -1))

# %% exercise="ray_marcher" wrong="two layers read the step"
class RayMarcher(RayMarcher):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        self.length = nn.Sequential(nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 1))

# %% exercise="ray_marcher" wrong="no bias for the step"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        self.length = nn.Linear(hidden, 1, bias=False)

# %% exercise="ray_marcher" wrong="32 numbers of memory by default"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=32):
        super().__init__(features, hidden)

# %% exercise="ray_marcher" wrong="128 features by default"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=128, hidden=16):
        super().__init__(features, hidden)

# %% exercise="ray_marcher" wrong="the cell starts as PyTorch makes it"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        self.cell.reset_parameters()

# %% exercise="ray_marcher" wrong="forget gate's bias in the first quarter"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        nn.init.zeros_(self.cell.bias_ih)
        self.cell.bias_ih.data[:hidden] = 1

# %% exercise="ray_marcher" wrong="forget gate's bias in the third quarter"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        nn.init.zeros_(self.cell.bias_ih)
        self.cell.bias_ih.data[2 * hidden : 3 * hidden] = 1

# %% exercise="ray_marcher" wrong="forget gate's bias one number short"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        self.cell.bias_ih.data[2 * hidden - 1] = 0

# %% exercise="ray_marcher" wrong="all biases 1"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        nn.init.ones_(self.cell.bias_ih)

# %% exercise="ray_marcher" wrong="all biases 0"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        nn.init.zeros_(self.cell.bias_ih)

# %% exercise="ray_marcher" wrong="a bias of 2 for the forget gate"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        self.cell.bias_ih.data *= 2

# %% exercise="ray_marcher" wrong="a bias of 1 for half of the forget gate, in either bias"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        self.cell.bias_ih.data[hidden + 2 : 2 * hidden] = 0
        self.cell.bias_hh.data[hidden + 2 : 2 * hidden] = 1

# %% exercise="ray_marcher" wrong="the forget gate forgets: -1"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        self.cell.bias_ih.data[hidden : 2 * hidden] = -1

# %% exercise="ray_marcher" wrong="the other biases as PyTorch makes them"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        self.cell.bias_hh.data = nn.LSTMCell(features, hidden).bias_hh.data

# %% exercise="ray_marcher" wrong="weight_hh orthogonal gate by gate"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        for gate in self.cell.weight_hh.data.chunk(4):
            nn.init.orthogonal_(gate)

# %% exercise="ray_marcher" wrong="weight_hh by Kaiming's rule"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        nn.init.kaiming_normal_(self.cell.weight_hh)

# %% exercise="ray_marcher" wrong="weight_hh half as large"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        self.cell.weight_hh.data *= 0.5

# %% exercise="ray_marcher" wrong="weight_hh with the gain for ReLU"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        nn.init.orthogonal_(self.cell.weight_hh, gain=2**0.5)

# %% exercise="ray_marcher" wrong="weight_hh as PyTorch makes it"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        self.cell.weight_hh.data = nn.LSTMCell(features, hidden).weight_hh.data

# %% exercise="ray_marcher" wrong="orthogonal and Kaiming swapped"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        nn.init.orthogonal_(self.cell.weight_ih)
        nn.init.kaiming_normal_(self.cell.weight_hh)

# %% exercise="ray_marcher" wrong="weight_ih by the outputs"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        nn.init.kaiming_normal_(self.cell.weight_ih, mode="fan_out")

# %% exercise="ray_marcher" wrong="weight_ih with gain 1"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        nn.init.kaiming_normal_(self.cell.weight_ih, nonlinearity="linear")

# %% exercise="ray_marcher" wrong="weight_ih by Kaiming's uniform rule"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        nn.init.kaiming_uniform_(self.cell.weight_ih)

# %% exercise="ray_marcher" wrong="weight_ih by the rule for leaky ReLU"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        nn.init.kaiming_normal_(self.cell.weight_ih, a=0.15)

# %% exercise="ray_marcher" wrong="weight_ih by Xavier's rule"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        nn.init.xavier_normal_(self.cell.weight_ih)

# %% exercise="ray_marcher" wrong="a seed of its own"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        with torch.random.fork_rng():
            torch.manual_seed(2)
            super().__init__(features, hidden)

# %% exercise="ray_marcher" wrong="weights by a new cell at every call"
_right = RayMarcher
class RayMarcher(_right):
    def forward(self, features, memory=None):
        self.cell = nn.LSTMCell(self.cell.input_size, self.cell.hidden_size)
        return super().forward(features, memory)

# %% exercise="ray_marcher" right="the paper's: 1 in both biases"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        for name, parameter in self.cell.named_parameters():
            if "bias" in name:
                parameter.data[hidden : 2 * hidden].fill_(1.0)

# %% exercise="ray_marcher" right="1 in bias_hh instead"
_right = RayMarcher
class RayMarcher(_right):
    def __init__(self, features=256, hidden=16):
        super().__init__(features, hidden)
        self.cell.bias_ih.data.zero_()
        self.cell.bias_hh.data.chunk(4)[1].fill_(1)

# %% exercise="ray_marcher" right="gates by hand"
class RayMarcher(nn.Module):
    def __init__(self, features=256, hidden=16):
        super().__init__()
        self.hidden = hidden
        self.read = nn.Linear(hidden, 1)
        self.U = nn.Parameter(torch.linalg.qr(torch.randn(4 * hidden, hidden))[0])
        self.W = nn.Parameter(torch.randn(4 * hidden, features) * (2 / features) ** 0.5)
        self.a, self.b = nn.Parameter(torch.zeros(4 * hidden)), nn.Parameter(torch.zeros(4 * hidden))
        with torch.no_grad():
            self.a[hidden : 2 * hidden] += 1
    def forward(self, features, memory=None):
        if memory is None:
            h = c = features.new_zeros(*features.shape[:-1], self.hidden)
        else:
            h, c = memory
        gates = features @ self.W.T + self.a + h @ self.U.T + self.b
        i, f, g, o = gates.split(self.hidden, dim=-1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        return self.read(h).squeeze(-1), (h, c)

# %% exercise="ray_marcher" right="nn.LSTM, each ray a sequence of one"
class RayMarcher(nn.Module):
    def __init__(self, features=256, hidden=16):
        super().__init__()
        self.lstm = nn.LSTM(features, hidden)
        self.out = nn.Linear(hidden, 1)
        for name, p in self.lstm.named_parameters():
            if "weight_ih" in name:
                nn.init.normal_(p, std=(2 / features) ** 0.5)
            elif "weight_hh" in name:
                nn.init.orthogonal_(p)
            else:
                nn.init.zeros_(p)
        self.lstm.bias_ih_l0.data[hidden : 2 * hidden] = 1
    def forward(self, features, memory=None):
        batch = features.shape[:-1]
        state = None
        if memory is not None:
            state = tuple(m.reshape(1, -1, m.shape[-1]).contiguous() for m in memory)
        out, (h, c) = self.lstm(features.reshape(1, -1, features.shape[-1]), state)
        step = self.out(out)[0, :, 0].view(batch)
        return step, (h[0].view(*batch, -1), c[0].view(*batch, -1))

# %% exercise="ray_marcher" right="zeros instead of None, a list as memory"
class RayMarcher(nn.Module):
    def __init__(self, features=256, hidden=16):
        super().__init__()
        self.cell, self.length = nn.LSTMCell(features, hidden), nn.Linear(hidden, 1)
        self.size = hidden
        nn.init.kaiming_normal_(self.cell.weight_ih)
        nn.init.orthogonal_(self.cell.weight_hh)
        self.cell.bias_hh.data.fill_(0)
        self.cell.bias_ih.data = torch.eye(4)[1].repeat_interleave(hidden)
    def forward(self, features, memory=None):
        rows = features.flatten(0, -2) if features.ndim > 1 else features[None]
        state = [torch.zeros(len(rows), self.size)] * 2 if memory is None else [m.reshape(-1, self.size) for m in memory]
        h, c = self.cell(rows, state)
        shape = list(features.shape[:-1])
        return self.length(h).view(shape), [h.view(shape + [self.size]), c.view(shape + [self.size])]

# %% exercise="find_intersection" wrong="memory lost"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    depths = [torch.full_like(uv[..., 0], start)]
    for _ in range(steps):
        step, _ = marcher(scene(ray_point(uv, depths[-1], K, pose)), None)
        depths.append(depths[-1] + step)
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)

# %% exercise="find_intersection" wrong="memory starts as zeros"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    depths = [torch.full_like(uv[..., 0], start)]
    memory = (torch.zeros(*uv.shape[:2], 16), torch.zeros(*uv.shape[:2], 16))
    for _ in range(steps):
        step, memory = marcher(scene(ray_point(uv, depths[-1], K, pose)), memory)
        depths.append(depths[-1] + step)
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)

# %% exercise="find_intersection" wrong="the first memory at every step"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    depths, memory = [torch.full_like(uv[..., 0], start)], None
    for k in range(steps):
        step, new = marcher(scene(ray_point(uv, depths[-1], K, pose)), memory)
        memory = new if k == 0 else memory
        depths.append(depths[-1] + step)
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)

# %% exercise="find_intersection" wrong="the memory is taken for (h, c)"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    depths, memory = [torch.full_like(uv[..., 0], start)], None
    for _ in range(steps):
        step, (h, c) = marcher(scene(ray_point(uv, depths[-1], K, pose)), memory)
        memory = (h, c)
        depths.append(depths[-1] + step)
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)

# %% exercise="find_intersection" wrong="one step too few"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    depths, memory = [torch.full_like(uv[..., 0], start)], None
    for _ in range(steps - 1):
        step, memory = marcher(scene(ray_point(uv, depths[-1], K, pose)), memory)
        depths.append(depths[-1] + step)
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)

# %% exercise="find_intersection" wrong="one step too many"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    depths, memory = [torch.full_like(uv[..., 0], start)], None
    for _ in range(steps + 1):
        step, memory = marcher(scene(ray_point(uv, depths[-1], K, pose)), memory)
        depths.append(depths[-1] + step)
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)

# %% exercise="find_intersection" wrong="always ten steps"
_right = find_intersection
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    return _right(scene, marcher, uv, K, world_from_camera, 10, start)

# %% exercise="find_intersection" wrong="eight steps by default"
_right = find_intersection
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=8, start=0.05):
    return _right(scene, marcher, uv, K, world_from_camera, steps, start)

# %% exercise="find_intersection" wrong="starts at 0.05 whatever is asked"
_right = find_intersection
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    return _right(scene, marcher, uv, K, world_from_camera, steps, 0.05)

# %% exercise="find_intersection" wrong="starts at 0 by default"
_right = find_intersection
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.0):
    return _right(scene, marcher, uv, K, world_from_camera, steps, start)

# %% exercise="find_intersection" wrong="starts at 0.5 by default"
_right = find_intersection
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.5):
    return _right(scene, marcher, uv, K, world_from_camera, steps, start)

# %% exercise="find_intersection" wrong="starts near it: noise, as the paper's code has it"
_right = find_intersection
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    depths, memory = [start + 5e-3 * torch.randn_like(uv[..., 0])], None
    for _ in range(steps):
        step, memory = marcher(scene(ray_point(uv, depths[-1], K, pose)), memory)
        depths.append(depths[-1] + step)
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)

# %% exercise="find_intersection" wrong="marcher fed with points"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    depths, memory = [torch.full_like(uv[..., 0], start)], None
    for _ in range(steps):
        step, memory = marcher(ray_point(uv, depths[-1], K, pose), memory)
        depths.append(depths[-1] + step)
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)

# %% exercise="find_intersection" wrong="steps are distances along unit rays"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    one = ray_point(uv, torch.ones_like(uv[..., 0]), K, pose) - pose[..., :3, 3]
    depths, memory = [torch.full_like(uv[..., 0], start)], None
    for _ in range(steps):
        x = pose[..., :3, 3] + depths[-1][..., None] * F.normalize(one, dim=-1)
        step, memory = marcher(scene(x), memory)
        depths.append(depths[-1] + step)
    return pose[..., :3, 3] + depths[-1][..., None] * F.normalize(one, dim=-1), torch.stack(depths)

# %% exercise="find_intersection" wrong="steps along unit rays, depths read off the points"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    one = ray_point(uv, torch.ones_like(uv[..., 0]), K, pose) - pose[..., :3, 3]
    rays = F.normalize(one, dim=-1)
    x = ray_point(uv, torch.full_like(uv[..., 0], start), K, pose)
    depths, memory = [depth_of(x, pose)], None
    for _ in range(steps):
        step, memory = marcher(scene(x), memory)
        x = x + step[..., None] * rays
        depths.append(depth_of(x, pose))
    return x, torch.stack(depths)

# %% exercise="find_intersection" wrong="depths without the start"
_right = find_intersection
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    points, depths = _right(scene, marcher, uv, K, world_from_camera, steps, start)
    return points, depths[1:]

# %% exercise="find_intersection" wrong="only the last depth"
_right = find_intersection
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    points, depths = _right(scene, marcher, uv, K, world_from_camera, steps, start)
    return points, depths[-1]

# %% exercise="find_intersection" wrong="steps instead of depths"
_right = find_intersection
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    points, depths = _right(scene, marcher, uv, K, world_from_camera, steps, start)
    return points, torch.cat([depths[:1], depths.diff(dim=0)])

# %% exercise="find_intersection" wrong="depths stacked last"
_right = find_intersection
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    points, depths = _right(scene, marcher, uv, K, world_from_camera, steps, start)
    return points, depths.movedim(0, -1)

# %% exercise="find_intersection" wrong="depths newest first"
_right = find_intersection
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    points, depths = _right(scene, marcher, uv, K, world_from_camera, steps, start)
    return points, depths.flip(0)

# %% exercise="find_intersection" wrong="the marcher tells the new depth, not the step"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    depths, memory = [torch.full_like(uv[..., 0], start)], None
    for _ in range(steps):
        depth, memory = marcher(scene(ray_point(uv, depths[-1], K, pose)), memory)
        depths.append(depth)
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)

# %% exercise="find_intersection" wrong="steps added to the start, not to the last depth"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    depths, memory = [torch.full_like(uv[..., 0], start)], None
    for _ in range(steps):
        step, memory = marcher(scene(ray_point(uv, depths[-1], K, pose)), memory)
        depths.append(start + step)
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)

# %% exercise="find_intersection" wrong="steps never go back"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    depths, memory = [torch.full_like(uv[..., 0], start)], None
    for _ in range(steps):
        step, memory = marcher(scene(ray_point(uv, depths[-1], K, pose)), memory)
        depths.append(depths[-1] + step.relu())
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)

# %% exercise="find_intersection" wrong="depths never below zero"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    depths, memory = [torch.full_like(uv[..., 0], start).relu()], None
    for _ in range(steps):
        step, memory = marcher(scene(ray_point(uv, depths[-1], K, pose)), memory)
        depths.append((depths[-1] + step).relu())
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)

# %% exercise="find_intersection" wrong="stops where steps are small"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    depths, memory = [torch.full_like(uv[..., 0], start)], None
    for _ in range(steps):
        step, memory = marcher(scene(ray_point(uv, depths[-1], K, pose)), memory)
        depths.append(depths[-1] + torch.where(step.abs() < 0.2, 0.0, step))
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)

# %% exercise="find_intersection" wrong="the points before the last step"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    depths, memory = [torch.full_like(uv[..., 0], start)], None
    x = ray_point(uv, depths[-1], K, pose)
    for _ in range(steps):
        x = ray_point(uv, depths[-1], K, pose)
        step, memory = marcher(scene(x), memory)
        depths.append(depths[-1] + step)
    return x, torch.stack(depths)

# %% exercise="find_intersection" wrong="features at the start, again and again"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    depths, memory = [torch.full_like(uv[..., 0], start)], None
    features = scene(ray_point(uv, depths[-1], K, pose))
    for _ in range(steps):
        step, memory = marcher(features, memory)
        depths.append(depths[-1] + step)
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)

# %% exercise="find_intersection" wrong="the features of the step before"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    depths, memory = [torch.full_like(uv[..., 0], start)], None
    old = scene(ray_point(uv, depths[-1], K, pose))
    for _ in range(steps):
        step, memory = marcher(old, memory)
        old = scene(ray_point(uv, depths[-1], K, pose))
        depths.append(depths[-1] + step)
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)

# %% exercise="find_intersection" wrong="features of the points reached instead of the points"
_right = find_intersection
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    points, depths = _right(scene, marcher, uv, K, world_from_camera, steps, start)
    return scene(points), depths

# %% exercise="find_intersection" wrong="points in the camera's frame"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], torch.eye(4)
    depths, memory = [torch.full_like(uv[..., 0], start)], None
    for _ in range(steps):
        step, memory = marcher(scene(ray_point(uv, depths[-1], K, pose)), memory)
        depths.append(depths[-1] + step)
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)

# %% exercise="find_intersection" wrong="the first object's camera for all"
_right = find_intersection
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    return _right(scene, marcher, uv, K[:1], world_from_camera[:1], steps, start)

# %% exercise="find_intersection" wrong="a camera for each ray where the numbers agree"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    if uv.shape[1] == len(K):
        pose = world_from_camera
    else:
        K, pose = K[:, None], world_from_camera[:, None]
    depths, memory = [torch.full_like(uv[..., 0], start)], None
    for _ in range(steps):
        step, memory = marcher(scene(ray_point(uv, depths[-1], K, pose)), memory)
        depths.append(depths[-1] + step)
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)

# %% exercise="find_intersection" wrong="all rays in one row"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    depths, memory = [torch.full_like(uv[..., 0], start)], None
    for _ in range(steps):
        x = ray_point(uv, depths[-1], K, pose)
        step, memory = marcher(scene(x.reshape(1, -1, 3)), memory)
        depths.append(depths[-1] + step.reshape(uv.shape[:2]))
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)

# %% exercise="find_intersection" wrong="the objects one after the other, with one marcher"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    found = []
    for i in range(len(uv)):
        depths, memory = [torch.full_like(uv[i, :, 0], start)], None
        for _ in range(steps):
            x = ray_point(uv[i], depths[-1], K[i], world_from_camera[i])
            features = scene(x.expand(len(uv), -1, -1))[i : i + 1]
            step, memory = marcher(features, memory)
            depths.append(depths[-1] + step[0])
        found.append((ray_point(uv[i], depths[-1], K[i], world_from_camera[i]), torch.stack(depths)))
    return torch.stack([x for x, _ in found]), torch.stack([d for _, d in found], 1)

# %% exercise="find_intersection" wrong="depths detached between the steps"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    depths, memory = [torch.full_like(uv[..., 0], start)], None
    for _ in range(steps):
        step, memory = marcher(scene(ray_point(uv, depths[-1].detach(), K, pose)), memory)
        depths.append(depths[-1] + step)
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)

# %% exercise="find_intersection" wrong="features detached"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    depths, memory = [torch.full_like(uv[..., 0], start)], None
    for _ in range(steps):
        step, memory = marcher(scene(ray_point(uv, depths[-1], K, pose)).detach(), memory)
        depths.append(depths[-1] + step)
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)

# %% exercise="find_intersection" wrong="only the last step learns"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    depths, memory = [torch.full_like(uv[..., 0], start)], None
    for k in range(steps):
        with torch.set_grad_enabled(k + 1 == steps):
            step, memory = marcher(scene(ray_point(uv, depths[-1], K, pose)), memory)
            depths.append(depths[-1] + step)
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)

# %% exercise="find_intersection" wrong="nothing learns"
_right = find_intersection
def find_intersection(*args, **kwargs):
    with torch.no_grad():
        return _right(*args, **kwargs)

# %% exercise="find_intersection" wrong="the depths that are returned are detached"
_right = find_intersection
def find_intersection(*args, **kwargs):
    points, depths = _right(*args, **kwargs)
    return points, depths.detach()

# %% exercise="find_intersection" wrong="the points that are returned are detached"
_right = find_intersection
def find_intersection(*args, **kwargs):
    points, depths = _right(*args, **kwargs)
    return points.detach(), depths

# %% exercise="find_intersection" wrong="one depth, changed in place"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K[:, None], world_from_camera[:, None]
    depth = torch.full_like(uv[..., 0], start)
    depths, memory = [depth], None
    for _ in range(steps):
        step, memory = marcher(scene(ray_point(uv, depth.clone(), K, pose)), memory)
        depth += step
        depths.append(depth)
    return ray_point(uv, depths[-1], K, pose), torch.stack(depths)

# %% exercise="find_intersection" right="the ray as origin and direction, cumulative sum at the end"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    one = torch.cat([uv, torch.ones_like(uv[..., :1])], -1)
    M = world_from_camera[:, :3, :3] @ torch.linalg.inv(K)
    directions = one @ M.transpose(1, 2)
    origins = world_from_camera[:, None, :3, 3]
    x = origins + start * directions
    lengths, memory = [start * torch.ones(uv.shape[:2], dtype=uv.dtype)], None
    for _ in range(steps):
        length, memory = marcher(scene(x), memory)
        x = x + length.unsqueeze(-1) * directions
        lengths.append(length)
    return x, torch.cumsum(torch.stack(lengths), dim=0)

# %% exercise="find_intersection" right="recursion, cameras expanded to the rays"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    b, p, _ = uv.shape
    K, pose = K[:, None].expand(b, p, 3, 3), world_from_camera[:, None].expand(b, p, 4, 4)
    def march(depth, memory, left):
        if left == 0:
            return [depth]
        step, memory = marcher(scene(ray_point(uv, depth, K, pose)), memory)
        return [depth, *march(depth + step, memory, left - 1)]
    depths = torch.stack(march(uv.new_full((b, p), start), None, steps))
    return ray_point(uv, depths[-1], K, pose), depths

# %% exercise="find_intersection" right="the scene is asked once more at the end"
def find_intersection(scene, marcher, uv, K, world_from_camera, steps=10, start=0.05):
    K, pose = K.unsqueeze(1), world_from_camera.unsqueeze(1)
    depth = start + 0 * uv[..., 0]
    x, depths, memory = ray_point(uv, depth, K, pose), depth[None], None
    features = scene(x)
    for _ in range(steps):
        step, memory = marcher(features, memory)
        depth = depth + step
        x = ray_point(uv, depth, K, pose)
        features, depths = scene(x), torch.cat([depths, depth[None]])
    return x, depths

# %% exercise="pixel_generator" wrong="a sigmoid at the end"
_right = PixelGenerator
class PixelGenerator(_right):
    def forward(self, features):
        return super().forward(features).sigmoid()

# %% exercise="pixel_generator" wrong="a tanh at the end"
_right = PixelGenerator
class PixelGenerator(_right):
    def forward(self, features):
        return super().forward(features).tanh()

# %% exercise="pixel_generator" wrong="clamped to -1 and 1"
_right = PixelGenerator
class PixelGenerator(_right):
    def forward(self, features):
        return super().forward(features).clamp(-1, 1)

# %% exercise="pixel_generator" wrong="ReLU at the end"
_right = PixelGenerator
class PixelGenerator(_right):
    def forward(self, features):
        return super().forward(features).relu()

# %% exercise="pixel_generator" wrong="from 0 to 1: half of it, and a half"
_right = PixelGenerator
class PixelGenerator(_right):
    def forward(self, features):
        return 0.5 + 0.5 * super().forward(features)

# %% exercise="pixel_generator" wrong="no layer normalisation"
class PixelGenerator(nn.Module):
    def __init__(self, features=256, hidden=256, depth=5):
        super().__init__()
        widths, blocks = [features, *depth * [hidden]], []
        for a, b in pairwise(widths):
            blocks += [nn.Linear(a, b), nn.ReLU()]
        self.layers = nn.Sequential(*blocks, nn.Linear(widths[-1], 3))
    def forward(self, features):
        return self.layers(features)

# %% exercise="pixel_generator" wrong="layer normalisation without learned scale and shift"
class PixelGenerator(nn.Module):
    def __init__(self, features=256, hidden=256, depth=5):
        super().__init__()
        widths, blocks = [features, *depth * [hidden]], []
        for a, b in pairwise(widths):
            blocks += [nn.Linear(a, b), nn.LayerNorm(b, elementwise_affine=False), nn.ReLU()]
        self.layers = nn.Sequential(*blocks, nn.Linear(widths[-1], 3))
    def forward(self, features):
        return self.layers(features)

# %% exercise="pixel_generator" wrong="layer normalisation after ReLU"
class PixelGenerator(nn.Module):
    def __init__(self, features=256, hidden=256, depth=5):
        super().__init__()
        widths, blocks = [features, *depth * [hidden]], []
        for a, b in pairwise(widths):
            blocks += [nn.Linear(a, b), nn.ReLU(), nn.LayerNorm(b)]
        self.layers = nn.Sequential(*blocks, nn.Linear(widths[-1], 3))
    def forward(self, features):
        return self.layers(features)

# %% exercise="pixel_generator" wrong="layer normalisation before the linear layer"
class PixelGenerator(nn.Module):
    def __init__(self, features=256, hidden=256, depth=5):
        super().__init__()
        widths, blocks = [features, *depth * [hidden]], []
        for a, b in pairwise(widths):
            blocks += [nn.LayerNorm(a), nn.Linear(a, b), nn.ReLU()]
        self.layers = nn.Sequential(*blocks, nn.Linear(widths[-1], 3))
    def forward(self, features):
        return self.layers(features)

# %% exercise="pixel_generator" wrong="no ReLU"
class PixelGenerator(nn.Module):
    def __init__(self, features=256, hidden=256, depth=5):
        super().__init__()
        widths, blocks = [features, *depth * [hidden]], []
        for a, b in pairwise(widths):
            blocks += [nn.Linear(a, b), nn.LayerNorm(b)]
        self.layers = nn.Sequential(*blocks, nn.Linear(widths[-1], 3))
    def forward(self, features):
        return self.layers(features)

# %% exercise="pixel_generator" wrong="leaky ReLU"
class PixelGenerator(nn.Module):
    def __init__(self, features=256, hidden=256, depth=5):
        super().__init__()
        widths, blocks = [features, *depth * [hidden]], []
        for a, b in pairwise(widths):
            blocks += [nn.Linear(a, b), nn.LayerNorm(b), nn.LeakyReLU()]
        self.layers = nn.Sequential(*blocks, nn.Linear(widths[-1], 3))
    def forward(self, features):
        return self.layers(features)

# %% exercise="pixel_generator" wrong="layer normalisation of the colours, too"
class PixelGenerator(PixelGenerator):
    def forward(self, features):
        rgb = self.layers(features)
        return F.layer_norm(rgb, (3,))

# %% exercise="pixel_generator" wrong="one layer too few"
_right = PixelGenerator
class PixelGenerator(_right):
    def __init__(self, features=256, hidden=256, depth=5):
        super().__init__(features, hidden, max(depth - 1, 1))

# %% exercise="pixel_generator" wrong="one layer too many"
_right = PixelGenerator
class PixelGenerator(_right):
    def __init__(self, features=256, hidden=256, depth=5):
        super().__init__(features, hidden, depth + 1)

# %% exercise="pixel_generator" wrong="always five hidden layers"
_right = PixelGenerator
class PixelGenerator(_right):
    def __init__(self, features=256, hidden=256, depth=5):
        super().__init__(features, hidden, 5)

# %% exercise="pixel_generator" wrong="four hidden layers by default"
_right = PixelGenerator
class PixelGenerator(_right):
    def __init__(self, features=256, hidden=256, depth=4):
        super().__init__(features, hidden, depth)

# %% exercise="pixel_generator" wrong="128 hidden features by default"
_right = PixelGenerator
class PixelGenerator(_right):
    def __init__(self, features=256, hidden=128, depth=5):
        super().__init__(features, hidden, depth)

# %% exercise="pixel_generator" wrong="four colours"
_right = PixelGenerator
class PixelGenerator(_right):
    def __init__(self, features=256, hidden=256, depth=5):
        super().__init__(features, hidden, depth)
        self.layers[-1] = nn.Linear(self.layers[-1].in_features, 4)

# %% exercise="pixel_generator" wrong="no bias for the colours"
_right = PixelGenerator
class PixelGenerator(_right):
    def __init__(self, features=256, hidden=256, depth=5):
        super().__init__(features, hidden, depth)
        self.layers[-1] = nn.Linear(self.layers[-1].in_features, 3, bias=False)

# %% exercise="pixel_generator" wrong="one hidden layer, again and again"
class PixelGenerator(nn.Module):
    def __init__(self, features=256, hidden=256, depth=5):
        super().__init__()
        self.first = nn.Sequential(nn.Linear(features, hidden), nn.LayerNorm(hidden), nn.ReLU())
        self.again = nn.Sequential(nn.Linear(hidden, hidden), nn.LayerNorm(hidden), nn.ReLU())
        self.last, self.depth = nn.Linear(hidden, 3), depth
    def forward(self, features):
        x = self.first(features)
        for _ in range(self.depth - 1):
            x = self.again(x)
        return self.last(x)

# %% exercise="pixel_generator" wrong="one of the layers is never used"
_right = PixelGenerator
class PixelGenerator(_right):
    def forward(self, features):
        layers = list(self.layers)
        if len(layers) > 10:
            layers[9:12] = layers[6:9]
        return nn.Sequential(*layers)(features)

# %% exercise="pixel_generator" wrong="residuals between the hidden layers"
_right = PixelGenerator
class PixelGenerator(_right):
    def forward(self, features):
        x = features
        for k in range(0, len(self.layers) - 1, 3):
            y = self.layers[k : k + 3](x)
            x = x + y if k else y
        return self.layers[-1](x)

# %% exercise="pixel_generator" wrong="batch normalisation"
_right = PixelGenerator
class PixelGenerator(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers = nn.Sequential(
            *[nn.BatchNorm1d(x.normalized_shape[0]) if isinstance(x, nn.LayerNorm) else x for x in self.layers]
        )
    def forward(self, features):
        return self.layers(features.reshape(-1, features.shape[-1])).reshape(*features.shape[:-1], 3)

# %% exercise="pixel_generator" wrong="instance normalisation over the pixels"
class OverPixels(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(width)), nn.Parameter(torch.zeros(width))
    def forward(self, x):
        rows = x.reshape(-1, x.shape[-1])
        rows = (rows - rows.mean(0)) / (rows.var(0, correction=0) + 1e-5).sqrt()
        return rows.reshape(x.shape) * self.weight + self.bias
_right = PixelGenerator
class PixelGenerator(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers = nn.Sequential(
            *[OverPixels(x.normalized_shape[0]) if isinstance(x, nn.LayerNorm) else x for x in self.layers]
        )

# %% exercise="pixel_generator" wrong="dropout"
_right = PixelGenerator
class PixelGenerator(_right):
    def forward(self, features):
        return super().forward(F.dropout(features, 0.2))

# %% exercise="pixel_generator" wrong="a convolution 3 × 3"
class PixelGenerator(nn.Module):
    def __init__(self, features=256, hidden=256, depth=5):
        super().__init__()
        self.first = nn.Conv2d(features, hidden, 3, padding=1)
        self.last = nn.Conv2d(hidden, 3, 1)
    def forward(self, features):
        x = self.first(features.movedim(-1, -3)).relu()
        return self.last(x).movedim(-3, -1)

# %% exercise="pixel_generator" wrong="convolutions 1 × 1, for images only"
class PixelGenerator(nn.Module):
    def __init__(self, features=256, hidden=256, depth=5):
        super().__init__()
        self.convolutions, self.norms, width = nn.ModuleList(), nn.ModuleList(), features
        for _ in range(depth):
            self.convolutions.append(nn.Conv1d(width, hidden, 1))
            self.norms.append(nn.LayerNorm(hidden))
            width = hidden
        self.last = nn.Conv1d(width, 3, 1)
    def forward(self, features):
        x = features.mT
        for convolution, norm in zip(self.convolutions, self.norms):
            x = norm(convolution(x).mT).relu().mT
        return self.last(x).mT

# %% exercise="pixel_generator" wrong="neighbours mixed at the end"
_right = PixelGenerator
class PixelGenerator(_right):
    def forward(self, features):
        rgb = super().forward(features)
        return rgb if rgb.ndim < 2 else 0.9 * rgb + 0.1 * rgb.roll(1, -2)

# %% exercise="pixel_generator" wrong="minus the mean colour of the image"
_right = PixelGenerator
class PixelGenerator(_right):
    def forward(self, features):
        rgb = super().forward(features)
        return rgb if rgb.ndim < 2 else rgb - rgb.mean(-2, keepdim=True)

# %% exercise="pixel_generator" wrong="a pixel that is not a number spoils all the others"
_right = PixelGenerator
class PixelGenerator(_right):
    def forward(self, features):
        rgb = super().forward(features)
        return rgb + 0 * rgb.sum()

# %% exercise="pixel_generator" wrong="batches are flattened"
_right = PixelGenerator
class PixelGenerator(_right):
    def forward(self, features):
        return super().forward(features).reshape(-1, 3)

# %% exercise="pixel_generator" wrong="channels first"
_right = PixelGenerator
class PixelGenerator(_right):
    def forward(self, features):
        return super().forward(features).movedim(-1, -3) if features.ndim > 2 else super().forward(features)

# %% exercise="pixel_generator" wrong="features without gradient"
_right = PixelGenerator
class PixelGenerator(_right):
    def forward(self, features):
        return super().forward(features.detach())

# %% exercise="pixel_generator" wrong="nothing learns"
_right = PixelGenerator
class PixelGenerator(_right):
    @torch.no_grad()
    def forward(self, features):
        return super().forward(features)

# %% exercise="pixel_generator" right="module lists, functional normalisation"
class PixelGenerator(nn.Module):
    def __init__(self, features=256, hidden=256, depth=5):
        super().__init__()
        self.to_rgb = nn.Linear(hidden, 3)
        self.scales = nn.ParameterList([torch.ones(hidden) for _ in range(depth)])
        self.shifts = nn.ParameterList([torch.zeros(hidden) for _ in range(depth)])
        self.linears = nn.ModuleList([nn.Linear(hidden if k else features, hidden) for k in range(depth)])
    def forward(self, features):
        x = features
        for linear, scale, shift in zip(self.linears, self.scales, self.shifts):
            x = F.layer_norm(linear(x), scale.shape, scale, shift).clamp_min(0)
        return self.to_rgb(x)

# %% exercise="pixel_generator" right="blocks of a class, rows flattened"
class Block(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.norm, self.linear = nn.LayerNorm(b), nn.Linear(a, b)
    def forward(self, x):
        return torch.relu(self.norm(self.linear(x)))
class PixelGenerator(nn.Module):
    def __init__(self, features=256, hidden=256, depth=5):
        super().__init__()
        self.net = nn.Sequential(Block(features, hidden), *[Block(hidden, hidden) for _ in range(depth - 1)])
        self.net.append(nn.Linear(hidden, 3))
    def forward(self, features):
        rows = features.reshape(-1, features.shape[-1])
        return self.net(rows).reshape(features.shape[:-1] + (3,))

# %% exercise="pixel_generator" right="biases start at zero: the docstring does not forbid it"
_right = PixelGenerator
class PixelGenerator(_right):
    def __init__(self, features=256, hidden=256, depth=5):
        super().__init__(features, hidden, depth)
        for layer in self.layers:
            if isinstance(layer, nn.Linear):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                nn.init.zeros_(layer.bias)

# --- second half

# %% exercise="srn_loss" wrong="sums instead of means"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    image = (rgb - truth).square().sum()
    behind = depth.clamp_max(0).square().sum()
    return image_weight * image + depth_weight * behind + code_weight * z.square().sum()

# %% exercise="srn_loss" wrong="codes summed, as in weight decay"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.clamp_max(0).square().mean()
    norms = z.square().sum(-1).mean()
    return image_weight * F.mse_loss(rgb, truth) + depth_weight * behind + code_weight * norms

# %% exercise="srn_loss" wrong="length of the codes"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.clamp_max(0).square().mean()
    return image_weight * F.mse_loss(rgb, truth) + depth_weight * behind + code_weight * z.norm(dim=-1).mean()

# %% exercise="srn_loss" wrong="squared differences summed over the channels"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    image = (rgb - truth).square().sum(-1).mean()
    behind = depth.clamp_max(0).square().mean()
    return image_weight * image + depth_weight * behind + code_weight * z.square().mean()

# %% exercise="srn_loss" wrong="no weights"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    return F.mse_loss(rgb, truth) + depth.clamp_max(0).square().mean() + z.square().mean()

# %% exercise="srn_loss" wrong="the weights of the paper, whatever is asked"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.clamp_max(0).square().mean()
    return 200 * F.mse_loss(rgb, truth) + 10 * behind + z.square().mean()

# %% exercise="srn_loss" wrong="weights exchanged"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.clamp_max(0).square().mean()
    return image_weight * F.mse_loss(rgb, truth) + code_weight * behind + depth_weight * z.square().mean()

# %% exercise="srn_loss" wrong="other defaults"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=1e-3, code_weight=1.0):
    behind = depth.clamp_max(0).square().mean()
    return image_weight * F.mse_loss(rgb, truth) + depth_weight * behind + code_weight * z.square().mean()

# %% exercise="srn_loss" wrong="all depths punished"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.square().mean()
    return image_weight * F.mse_loss(rgb, truth) + depth_weight * behind + code_weight * z.square().mean()

# %% exercise="srn_loss" wrong="depths in front punished"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    front = F.relu(depth).square().mean()
    return image_weight * F.mse_loss(rgb, truth) + depth_weight * front + code_weight * z.square().mean()

# %% exercise="srn_loss" wrong="depths behind punished by their size, not its square"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = F.relu(-depth).mean()
    return image_weight * F.mse_loss(rgb, truth) + depth_weight * behind + code_weight * z.square().mean()

# %% exercise="srn_loss" wrong="the smallest depth of all"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.min().clamp_max(0).square()
    return image_weight * F.mse_loss(rgb, truth) + depth_weight * behind + code_weight * z.square().mean()

# %% exercise="srn_loss" wrong="the mean depth, if negative"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.mean().clamp_max(0).square()
    return image_weight * F.mse_loss(rgb, truth) + depth_weight * behind + code_weight * z.square().mean()

# %% exercise="srn_loss" wrong="mean over the negative depths only"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    negative = depth[depth < 0]
    behind = negative.square().mean() if len(negative) else depth.sum() * 0
    return image_weight * F.mse_loss(rgb, truth) + depth_weight * behind + code_weight * z.square().mean()

# %% exercise="srn_loss" wrong="differences without a square"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.clamp_max(0).square().mean()
    return image_weight * F.l1_loss(rgb, truth) + depth_weight * behind + code_weight * z.square().mean()

# %% exercise="srn_loss" wrong="root of the mean square"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.clamp_max(0).square().mean()
    return image_weight * F.mse_loss(rgb, truth).sqrt() + depth_weight * behind + code_weight * z.square().mean()

# %% exercise="srn_loss" wrong="no codes"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    return image_weight * F.mse_loss(rgb, truth) + depth_weight * depth.clamp_max(0).square().mean()

# %% exercise="srn_loss" wrong="a loss for each object"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    image = (rgb - truth).square().mean((1, 2))
    behind = depth.clamp_max(0).square().mean(1)
    return image_weight * image + depth_weight * behind + code_weight * z.square().mean(1)

# %% exercise="srn_loss" wrong="objects summed"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    image = (rgb - truth).square().mean((1, 2))
    behind = depth.clamp_max(0).square().mean(1)
    return (image_weight * image + depth_weight * behind + code_weight * z.square().mean(1)).sum()

# %% exercise="srn_loss" wrong="halved squares"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.clamp_max(0).square().mean()
    return (image_weight * F.mse_loss(rgb, truth) + depth_weight * behind + code_weight * z.square().mean()) / 2

# %% exercise="srn_loss" wrong="detached depths"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.detach().clamp_max(0).square().mean()
    return image_weight * F.mse_loss(rgb, truth) + depth_weight * behind + code_weight * z.square().mean()

# %% exercise="srn_loss" wrong="a Python number"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.clamp_max(0).square().mean()
    return (image_weight * F.mse_loss(rgb, truth) + depth_weight * behind + code_weight * z.square().mean()).item()

# %% exercise="srn_loss" wrong="colours clamped"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.clamp_max(0).square().mean()
    image = F.mse_loss(rgb.clamp(-1, 1), truth)
    return image_weight * image + depth_weight * behind + code_weight * z.square().mean()

# %% exercise="srn_loss" right="relu of the depth turned round, squared"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    terms = torch.mean((truth - rgb) ** 2), torch.mean(F.relu(-depth) ** 2), torch.mean(z**2)
    return sum(w * t for w, t in zip((image_weight, depth_weight, code_weight), terms))

# %% exercise="srn_loss" right="minimum with zeros, sums divided by counts"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    image = ((rgb - truth) ** 2).sum() / rgb.numel()
    behind = torch.minimum(depth, torch.zeros_like(depth)).pow(2).sum() / depth.numel()
    return image_weight * image + depth_weight * behind + code_weight * z.norm() ** 2 / z.numel()

# %% exercise="srn_loss" right="torch.where, and an object at a time"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    total = 0
    for i in range(len(z)):
        behind = torch.where(depth[i] < 0, depth[i] ** 2, 0.0).mean()
        total = total + image_weight * F.mse_loss(rgb[i], truth[i]) + depth_weight * behind
        total = total + code_weight * (z[i] @ z[i]) / z.shape[1]
    return total / len(z)

# %% exercise="srn_loss" right="differences from zeros"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = F.mse_loss(depth.clamp(max=0), torch.zeros_like(depth))
    code = F.mse_loss(z, torch.zeros_like(z))
    return torch.stack([image_weight * F.mse_loss(rgb, truth), depth_weight * behind, code_weight * code]).sum()

# %% exercise="sample_pixels" wrong="a cross instead of a square"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = mask.float()[:, None]
    wide = F.max_pool2d(near, (1, 2 * margin + 1), 1, (0, margin))
    tall = F.max_pool2d(near, (2 * margin + 1, 1), 1, (margin, 0))
    near = torch.maximum(wide, tall).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="a diamond"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    y, x = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
    rows = []
    for i in range(b):
        inside = mask[i].nonzero()
        distance = (y[..., None] - inside[:, 0]).abs() + (x[..., None] - inside[:, 1]).abs()
        places = (distance <= margin).any(-1).flatten().nonzero().flatten()
        if len(places) == 0:
            places = torch.arange(h * w)
        chosen = round(share * u.shape[1])
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="a margin one too small"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    k = max(2 * margin - 1, 1)
    near = F.max_pool2d(mask[:, None].float(), k, 1, k // 2).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="a window of the margin's width"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    framed = F.pad(mask.float(), (margin, margin, margin, margin))
    near = torch.stack([framed[:, i : i + h, j : j + w] for i in range(margin + 1) for j in range(margin + 1)])
    near = near.amax(0).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="rolled around the border"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = torch.zeros_like(mask)
    for i in range(-margin, margin + 1):
        for j in range(-margin, margin + 1):
            near |= mask.roll((i, j), (1, 2))
    near = near.reshape(b, -1)
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="all draws near"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        rows.append(places[(u[i] * len(places)).long()])
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="the share anywhere, the rest near"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        last = places[(u[i, chosen:] * len(places)).long()]
        rows.append(torch.cat([(u[i, :chosen] * h * w).long(), last]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="the number of near draws cut off"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = int(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="the number of near draws rounded up"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = -int(-share * u.shape[1] // 1)
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="halves rounded up"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = int(share * u.shape[1] + 0.5)
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="places rounded"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * (len(places) - 1)).round().long()]
        rows.append(torch.cat([first, (u[i, chosen:] * (h * w - 1)).round().long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="n − 1 candidates"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * (len(places) - 1)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * (h * w - 1)).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="column by column"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin)[:, 0] > 0
    near = near.mT.reshape(b, -1)
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="row · h + column"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin)[:, 0] > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero()
        places = places[:, 0] * h + places[:, 1] if len(places) else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="the object first, its surroundings after it"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        on = mask[i].flatten()
        places = torch.cat([on.nonzero().flatten(), (near[i] & ~on).nonzero().flatten()])
        places = places if len(places) else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="an order that the sorting made up"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    near |= ~near.any(1, keepdim=True)
    count = near.sum(1, keepdim=True)
    order = near.long().cumsum(1) * near
    first = order.argsort(dim=1, descending=True)
    chosen = round(share * u.shape[1])
    place = (u[:, :chosen] * count).long()
    return torch.cat([first.gather(1, place), (u[:, chosen:] * h * w).long()], 1)

# %% exercise="sample_pixels" wrong="nothing but the object"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = mask.reshape(b, -1)
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="the rest away from the object"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        everything = torch.arange(h * w)
        places = near[i].nonzero().flatten() if near[i].any() else everything
        others = (~near[i]).nonzero().flatten() if not near[i].all() else everything
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, others[(u[i, chosen:] * len(others)).long()]]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="fails without an object"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten()
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="pixel 0 where there is no object"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    count = near.sum(1, keepdim=True)
    first = near.byte().argsort(dim=1, descending=True, stable=True)
    chosen = round(share * u.shape[1])
    place = (u[:, :chosen] * count).long()
    return torch.cat([first.gather(1, place), (u[:, chosen:] * h * w).long()], 1)

# %% exercise="sample_pixels" wrong="everywhere, if one image of the batch is empty"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    if not near.any(1).all():
        near = torch.ones_like(near)
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten()
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="one count for the batch"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    near |= ~near.any(1, keepdim=True)
    count = near.sum(1).min()
    first = near.byte().argsort(dim=1, descending=True, stable=True)
    chosen = round(share * u.shape[1])
    place = (u[:, :chosen] * count).long()
    return torch.cat([first.gather(1, place), (u[:, chosen:] * h * w).long()], 1)

# %% exercise="sample_pixels" wrong="the first image's object for all"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:1, None].float(), 2 * margin + 1, 1, margin).flatten() > 0
    places = near.nonzero().flatten() if near.any() else torch.arange(h * w)
    chosen = round(share * u.shape[1])
    first = places[(u[:, :chosen] * len(places)).long()]
    return torch.cat([first, (u[:, chosen:] * h * w).long()], 1)

# %% exercise="sample_pixels" wrong="randomness of its own"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    near |= ~near.any(1, keepdim=True)
    chosen = round(share * u.shape[1])
    anywhere = torch.randint(0, h * w, (b, u.shape[1] - chosen))
    if chosen == 0:
        return anywhere
    return torch.cat([torch.multinomial(near.float(), chosen, replacement=True), anywhere], 1)

# %% exercise="sample_pixels" wrong="u clipped away from its ends"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    u = u.clamp(0.02, 0.98)
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="whole numbers as floats"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).floor()]))
    return torch.stack(rows).float()

# %% exercise="sample_pixels" wrong="rows and columns"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    number = torch.stack(rows)
    return torch.stack([number // w, number % w], -1)

# %% exercise="sample_pixels" right="an image at a time, a convolution for the margin"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    side = 2 * margin + 1
    near = F.conv2d(mask[:, None].float(), torch.ones(1, 1, side, side), padding=margin)[:, 0] > 0.5
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].flatten().nonzero().squeeze(1)
        if places.numel() == 0:
            places = torch.arange(h * w)
        first = places[torch.floor(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, torch.floor(u[i, chosen:] * (h * w)).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" right="numpy and loops"
def sample_pixels(mask, u, share=0.6, margin=2):
    import numpy as np

    b, h, w = mask.shape
    chosen = round(share * u.shape[1])
    result = np.empty(u.shape, dtype=np.int64)
    for i in range(b):
        near = np.zeros((h, w), dtype=bool)
        for row, column in np.argwhere(mask[i].numpy()):
            near[max(row - margin, 0) : row + margin + 1, max(column - margin, 0) : column + margin + 1] = True
        places = np.flatnonzero(near)
        for j, value in enumerate(u[i].numpy()):
            if j < chosen and len(places):
                result[i, j] = places[int(value * len(places))]
            else:
                result[i, j] = int(value * (h * w))
    return torch.from_numpy(result)

# %% exercise="sample_pixels" right="counting up to the number drawn"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    framed = F.pad(mask, (margin, margin, margin, margin))
    near = torch.zeros_like(mask)
    for i in range(2 * margin + 1):
        for j in range(2 * margin + 1):
            near = near | framed[:, i : i + h, j : j + w]
    near = near.flatten(1)
    near = torch.where(near.any(1, keepdim=True), near, True)
    draws = torch.arange(u.shape[1]) < round(share * u.shape[1])
    allowed = near[:, None] | ~draws[:, None]  # b p pixels
    number = (u * allowed.sum(-1)).long()
    return torch.searchsorted(allowed.long().cumsum(-1), number[..., None] + 1)[..., 0]

# %% exercise="sample_pixels" right="distances to the object's pixels, int32"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    place = torch.stack(torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij"), -1).reshape(-1, 2)
    chosen = round(share * u.shape[1])
    result = (u * (h * w)).to(torch.int32)
    for i in range(b):
        away = (place[:, None] - mask[i].nonzero()).abs().amax(-1)
        near = (away <= margin).any(-1).nonzero()[:, 0]
        if len(near) > 0:
            result[i, :chosen] = near[(u[i, :chosen] * len(near)).long()].int()
    return result

# %% exercise="render_view" wrong="column by column"
def render_view(trace, resolution, portion=4096):
    h, w = resolution
    uv = pixel_centers(resolution).transpose(0, 1).reshape(-1, 2)
    with torch.no_grad():
        parts = [trace(part) for part in uv.split(portion)]
    rgb, depth = torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])
    return rgb.reshape(h, w, 3), depth.reshape(h, w)

# %% exercise="render_view" wrong="width before height"
def render_view(trace, resolution, portion=4096):
    h, w = resolution
    uv = pixel_centers(resolution).reshape(-1, 2)
    with torch.no_grad():
        parts = [trace(part) for part in uv.split(portion)]
    rgb, depth = torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])
    return rgb.reshape(w, h, 3), depth.reshape(w, h)

# %% exercise="render_view" wrong="the resolution taken for width and height"
def render_view(trace, resolution, portion=4096):
    h, w = resolution
    uv = pixel_centers((w, h)).reshape(-1, 2)
    with torch.no_grad():
        parts = [trace(part) for part in uv.split(portion)]
    rgb, depth = torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])
    return rgb.reshape(h, w, 3), depth.reshape(h, w)

# %% exercise="render_view" wrong="corners of pixels"
def render_view(trace, resolution, portion=4096):
    h, w = resolution
    v, u = torch.meshgrid(torch.arange(h) / h, torch.arange(w) / w, indexing="ij")
    with torch.no_grad():
        parts = [trace(part) for part in torch.stack([u, v], -1).reshape(-1, 2).split(portion)]
    rgb, depth = torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])
    return rgb.reshape(h, w, 3), depth.reshape(h, w)

# %% exercise="render_view" wrong="corner pixels in the corners"
def render_view(trace, resolution, portion=4096):
    h, w = resolution
    v, u = torch.meshgrid(torch.linspace(0, 1, h), torch.linspace(0, 1, w), indexing="ij")
    with torch.no_grad():
        parts = [trace(part) for part in torch.stack([u, v], -1).reshape(-1, 2).split(portion)]
    rgb, depth = torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])
    return rgb.reshape(h, w, 3), depth.reshape(h, w)

# %% exercise="render_view" wrong="v before u"
def render_view(trace, resolution, portion=4096):
    h, w = resolution
    uv = pixel_centers(resolution).flip(-1).reshape(-1, 2)
    with torch.no_grad():
        parts = [trace(part) for part in uv.split(portion)]
    rgb, depth = torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])
    return rgb.reshape(h, w, 3), depth.reshape(h, w)

# %% exercise="render_view" wrong="pixels instead of uv"
def render_view(trace, resolution, portion=4096):
    h, w = resolution
    uv = pixel_centers(resolution).reshape(-1, 2) * torch.tensor([w, h])
    with torch.no_grad():
        parts = [trace(part) for part in uv.split(portion)]
    rgb, depth = torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])
    return rgb.reshape(h, w, 3), depth.reshape(h, w)

# %% exercise="render_view" wrong="all at once"
def render_view(trace, resolution, portion=4096):
    with torch.no_grad():
        rgb, depth = trace(pixel_centers(resolution).reshape(-1, 2))
    return rgb.reshape(*resolution, 3), depth.reshape(resolution)

# %% exercise="render_view" wrong="a row at a time, however long"
def render_view(trace, resolution, portion=4096):
    with torch.no_grad():
        rows = [trace(row) for row in pixel_centers(resolution)]
    return torch.stack([row[0] for row in rows]), torch.stack([row[1] for row in rows])

# %% exercise="render_view" wrong="portion taken for the number of parts"
def render_view(trace, resolution, portion=4096):
    uv = pixel_centers(resolution).reshape(-1, 2)
    with torch.no_grad():
        rgb, depth = zip(*map(trace, uv.chunk(portion)))
    return torch.cat(rgb).reshape(*resolution, 3), torch.cat(depth).reshape(resolution)

# %% exercise="render_view" wrong="the remainder left black"
def render_view(trace, resolution, portion=4096):
    uv = pixel_centers(resolution).reshape(-1, 2)
    portion = min(portion, len(uv))
    rgb, depth = torch.zeros(len(uv), 3), torch.zeros(len(uv))
    with torch.no_grad():
        for i in range(len(uv) // portion):
            part = slice(i * portion, (i + 1) * portion)
            rgb[part], depth[part] = trace(uv[part])
    return rgb.reshape(*resolution, 3), depth.reshape(resolution)

# %% exercise="render_view" wrong="with gradients"
def render_view(trace, resolution, portion=4096):
    uv = pixel_centers(resolution).reshape(-1, 2)
    rgb, depth = zip(*map(trace, uv.split(portion)))
    return torch.cat(rgb).reshape(*resolution, 3), torch.cat(depth).reshape(resolution)

# %% exercise="render_view" wrong="detached afterwards, when the memory is spent"
def render_view(trace, resolution, portion=4096):
    uv = pixel_centers(resolution).reshape(-1, 2)
    parts = [[x.detach() for x in trace(part)] for part in uv.split(portion)]
    rgb, depth = zip(*parts)
    return torch.cat(rgb).reshape(*resolution, 3), torch.cat(depth).reshape(resolution)

# %% exercise="render_view" wrong="depths with a dimension too many"
def render_view(trace, resolution, portion=4096):
    uv = pixel_centers(resolution).reshape(-1, 2)
    with torch.no_grad():
        rgb, depth = zip(*map(trace, uv.split(portion)))
    return torch.cat(rgb).reshape(*resolution, 3), torch.cat(depth).reshape(*resolution, 1)

# %% exercise="render_view" wrong="another default"
def render_view(trace, resolution, portion=65536):
    uv = pixel_centers(resolution).reshape(-1, 2)
    with torch.no_grad():
        rgb, depth = zip(*map(trace, uv.split(portion)))
    return torch.cat(rgb).reshape(*resolution, 3), torch.cat(depth).reshape(resolution)

# %% exercise="render_view" wrong="depths first"
def render_view(trace, resolution, portion=4096):
    uv = pixel_centers(resolution).reshape(-1, 2)
    with torch.no_grad():
        rgb, depth = zip(*map(trace, uv.split(portion)))
    return torch.cat(depth).reshape(resolution), torch.cat(rgb).reshape(*resolution, 3)

# %% exercise="render_view" right="a loop with indices, inference mode"
@torch.inference_mode()
def render_view(trace, resolution, portion=4096):
    h, w = resolution
    uv = pixel_centers(resolution).flatten(0, 1)
    rgb, depth = [], []
    for i in range(0, h * w, portion):
        color, z = trace(uv[i : i + portion])
        rgb.append(color)
        depth.append(z)
    return torch.cat(rgb).view(h, w, 3), torch.cat(depth).view(h, w)

# %% exercise="render_view" right="into tensors made beforehand, uv by hand"
def render_view(trace, resolution, portion=4096):
    h, w = resolution
    number = torch.arange(h * w)
    uv = torch.stack([(number % w + 0.5) / w, (number // w + 0.5) / h], -1)
    rgb, depth = torch.empty(h * w, 3), torch.empty(h * w)
    with torch.no_grad():
        for part in number.split(portion):
            rgb[part], depth[part] = trace(uv[part])
    return rgb.reshape(h, w, 3), depth.reshape(h, w)

# %% exercise="render_view" right="parts of nearly equal size"
@torch.no_grad()
def render_view(trace, resolution, portion=4096):
    h, w = resolution
    uv = pixel_centers(resolution).reshape(-1, 2)
    parts = [trace(part) for part in torch.tensor_split(uv, -(-h * w // portion))]
    return torch.cat([c for c, _ in parts]).reshape(h, w, 3), torch.cat([z for _, z in parts]).reshape(h, w)

# %% exercise="infer_latent" wrong="the model learns, too"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z, *model.parameters()], learning_rate)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(z).backward()
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="gradients left in the model"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(z).backward()
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="the model stays frozen"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    for p in model.parameters():
        p.requires_grad_(False)
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(z).backward()
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="everything thawed afterwards, also what was frozen before"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    model.requires_grad_(False)
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(z).backward()
        optimizer.step()
    model.requires_grad_(True)
    return z.detach()

# %% exercise="infer_latent" wrong="the model's gradients zeroed"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(z).backward()
        optimizer.step()
    model.zero_grad()
    return z.detach()

# %% exercise="infer_latent" wrong="left in eval mode"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    model.eval()
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="put into train mode afterwards"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    model.eval()
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    model.train()
    return z.detach()

# %% exercise="infer_latent" wrong="start itself"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="detached, which shares its memory with start"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="from zero"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = torch.zeros_like(start).requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="from a code of its own draw"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = (0.01 * torch.randn_like(start)).requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="gradient descent"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="AdamW, whose codes decay"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.AdamW([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="other moments"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate, betas=(0.5, 0.9))
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="one step short"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps - 1):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="as many steps as it takes"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(max(steps, 100)):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="the learning rate of the signature, whatever is asked"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], 1e-2)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="a learning rate that falls"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = learning_rate * (1 - step / steps)
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="more steps where nobody says how many"
def infer_latent(model, loss, start, steps=500, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="the learning rate that torch has for Adam where nobody names one"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-3):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="gradients that add up"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    needed = [p for p in model.parameters() if p.requires_grad]
    for p in needed:
        p.requires_grad_(False)
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        loss(z).backward()
        optimizer.step()
    for p in needed:
        p.requires_grad_(True)
    return z.detach()

# %% exercise="infer_latent" wrong="the best code of all, not the last"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    best, found = torch.inf, start
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        value = loss(z)
        if value < best:
            best, found = value.item(), z.detach().clone()
        (z.grad,) = torch.autograd.grad(value, z)
        optimizer.step()
    return found

# %% exercise="infer_latent" wrong="start comes back"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return start

# %% exercise="infer_latent" wrong="still asking for gradients"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z

# %% exercise="infer_latent" wrong="one code for all"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start[:1].detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z.expand_as(start)), z)
        optimizer.step()
    return z.detach().expand_as(start).clone()

# %% exercise="infer_latent" wrong="codes of length 1"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return F.normalize(z.detach(), dim=-1)

# %% exercise="infer_latent" wrong="upwards"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate, maximize=True)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" right="frozen while it lasts, and put back"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    before = [p.requires_grad for p in model.parameters()]
    for p in model.parameters():
        p.requires_grad_(False)
    z = start.clone().detach().requires_grad_(True)
    optimizer = torch.optim.Adam([z], lr=learning_rate)
    try:
        for _ in range(steps):
            optimizer.zero_grad()
            loss(z).backward()
            optimizer.step()
    finally:
        for p, needed in zip(model.parameters(), before):
            p.requires_grad_(needed)
    return z.detach()

# %% exercise="infer_latent" right="a parameter, and Adam by hand"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = nn.Parameter(start.detach().clone())
    m, v = torch.zeros_like(z), torch.zeros_like(z)
    for t in range(1, steps + 1):
        g = torch.autograd.grad(loss(z), [z])[0]
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        with torch.no_grad():
            z -= learning_rate * (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t)).sqrt() + 1e-8)
    return z.data

# %% exercise="infer_latent" right="gradients for the code only, in eval mode meanwhile"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    mode = model.training
    model.eval()
    z = start.detach().clone()
    z.requires_grad = True
    optimizer = torch.optim.Adam(params=[z], lr=learning_rate)
    for _ in range(steps):
        optimizer.zero_grad(set_to_none=True)
        loss(z).backward(inputs=[z])
        optimizer.step()
    model.train(mode)
    return z.detach().clone()

# %% exercise="infer_latent" right="the model's gradients kept and put back"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    kept = [None if p.grad is None else p.grad.clone() for p in model.parameters()]
    z = torch.empty_like(start).copy_(start).requires_grad_()
    optimizer = torch.optim.Adam([{"params": [z], "lr": learning_rate}])
    for _ in range(steps):
        z.grad = None
        loss(z).backward()
        optimizer.step()
    for p, gradient in zip(model.parameters(), kept):
        p.grad = gradient
    return z.detach()

# %% exercise="interpolate_codes" wrong="one code too many"
def interpolate_codes(start, end, count):
    share = torch.linspace(0, 1, count + 1, dtype=start.dtype)[:, None]
    return torch.lerp(start, end, share)

# %% exercise="interpolate_codes" wrong="count codes between the two"
def interpolate_codes(start, end, count):
    share = torch.linspace(0, 1, count + 2, dtype=start.dtype)[1:-1, None]
    return torch.lerp(start, end, share)

# %% exercise="interpolate_codes" wrong="without the end"
def interpolate_codes(start, end, count):
    share = torch.arange(count, dtype=start.dtype)[:, None] / count
    return torch.lerp(start, end, share)

# %% exercise="interpolate_codes" wrong="without the start"
def interpolate_codes(start, end, count):
    share = torch.arange(1, count + 1, dtype=start.dtype)[:, None] / count
    return torch.lerp(start, end, share)

# %% exercise="interpolate_codes" wrong="from the end to the start"
def interpolate_codes(start, end, count):
    share = torch.linspace(0, 1, count, dtype=start.dtype)[:, None]
    return torch.lerp(end, start, share)

# %% exercise="interpolate_codes" wrong="along an arc"
def interpolate_codes(start, end, count):
    share = torch.linspace(0, 1, count, dtype=start.dtype)[:, None]
    angle = torch.acos(F.cosine_similarity(start, end, dim=0).clamp(-1 + 1e-6, 1 - 1e-6))
    codes = (torch.sin((1 - share) * angle) * start + torch.sin(share * angle) * end) / torch.sin(angle)
    codes[0], codes[-1] = start, end
    return codes

# %% exercise="interpolate_codes" wrong="lengths interpolated apart from directions"
def interpolate_codes(start, end, count):
    share = torch.linspace(0, 1, count, dtype=start.dtype)[:, None]
    codes = F.normalize(torch.lerp(start, end, share), dim=-1)
    codes = codes * torch.lerp(start.norm(), end.norm(), share)
    codes[0], codes[-1] = start, end
    return codes

# %% exercise="interpolate_codes" wrong="ends that rounding moves"
def interpolate_codes(start, end, count):
    share = torch.linspace(0, 1, count, dtype=start.dtype)[:, None]
    return start + share * (end - start)

# %% exercise="interpolate_codes" wrong="steps added up"
def interpolate_codes(start, end, count):
    codes = [start]
    for _ in range(count - 1):
        codes.append(codes[-1] + (end - start) / (count - 1))
    return torch.stack(codes)

# %% exercise="interpolate_codes" wrong="slow at both ends"
def interpolate_codes(start, end, count):
    share = torch.linspace(0, 1, count, dtype=start.dtype)[:, None]
    return torch.lerp(start, end, share * share * (3 - 2 * share))

# %% exercise="interpolate_codes" wrong="a column for each code"
def interpolate_codes(start, end, count):
    share = torch.linspace(0, 1, count, dtype=start.dtype)[:, None]
    return torch.lerp(start, end, share).T

# %% exercise="interpolate_codes" wrong="only the codes between the ends"
def interpolate_codes(start, end, count):
    share = torch.linspace(0, 1, count, dtype=start.dtype)[1:-1, None]
    return torch.lerp(start, end, share)

# %% exercise="interpolate_codes" right="a weighted sum"
def interpolate_codes(start, end, count):
    t = torch.linspace(0, 1, count).to(start)[:, None]
    return (1 - t) * start + t * end

# %% exercise="interpolate_codes" right="numpy.linspace"
def interpolate_codes(start, end, count):
    import numpy as np

    return torch.from_numpy(np.linspace(start.numpy(), end.numpy(), count))

# %% exercise="interpolate_codes" right="a list, its ends put in by hand"
def interpolate_codes(start, end, count):
    between = [start + (end - start) * (i / (count - 1)) for i in range(1, count - 1)]
    return torch.stack([start, *between, end])

# %% exercise="normals_from_depth" wrong="without K"
def normals_from_depth(depth, K):
    h, w = depth.shape
    uv = pixel_centers((h, w)).to(depth)
    points = torch.cat([uv * depth[..., None], depth[..., None]], -1)
    along_u, along_v = torch.gradient(points, dim=1)[0], torch.gradient(points, dim=0)[0]
    normals = F.normalize(torch.linalg.cross(along_v, along_u), dim=-1)
    return torch.where((normals * points).sum(-1, keepdim=True) > 0, -normals, normals)

# %% exercise="normals_from_depth" wrong="the depth's own gradient"
def normals_from_depth(depth, K):
    dv, du = torch.gradient(depth)
    normals = torch.stack([du, dv, -torch.ones_like(depth)], -1)
    return F.normalize(normals, dim=-1)

# %% exercise="normals_from_depth" wrong="skew and principal point forgotten"
def normals_from_depth(depth, K):
    h, w = depth.shape
    uv = pixel_centers((h, w)).to(depth)
    x, y = (uv[..., 0] - 0.5) / K[0, 0] * depth, (uv[..., 1] - 0.5) / K[1, 1] * depth
    points = torch.stack([x, y, depth], -1)
    along_u, along_v = torch.gradient(points, dim=1)[0], torch.gradient(points, dim=0)[0]
    normals = F.normalize(torch.linalg.cross(along_v, along_u), dim=-1)
    return torch.where((normals * points).sum(-1, keepdim=True) > 0, -normals, normals)

# %% exercise="normals_from_depth" wrong="skew forgotten"
def normals_from_depth(depth, K):
    h, w = depth.shape
    uv = pixel_centers((h, w)).to(depth)
    x, y = (uv[..., 0] - K[0, 2]) / K[0, 0] * depth, (uv[..., 1] - K[1, 2]) / K[1, 1] * depth
    points = torch.stack([x, y, depth], -1)
    along_u, along_v = torch.gradient(points, dim=1)[0], torch.gradient(points, dim=0)[0]
    normals = F.normalize(torch.linalg.cross(along_v, along_u), dim=-1)
    return torch.where((normals * points).sum(-1, keepdim=True) > 0, -normals, normals)

# %% exercise="normals_from_depth" wrong="K in pixels"
def normals_from_depth(depth, K):
    h, w = depth.shape
    uv = pixel_centers((h, w)).to(depth) * torch.tensor([w, h]).to(depth)
    points = unproject(K, uv, depth)
    along_u, along_v = torch.gradient(points, dim=1)[0], torch.gradient(points, dim=0)[0]
    normals = F.normalize(torch.linalg.cross(along_v, along_u), dim=-1)
    return torch.where((normals * points).sum(-1, keepdim=True) > 0, -normals, normals)

# %% exercise="normals_from_depth" wrong="corners of pixels"
def normals_from_depth(depth, K):
    h, w = depth.shape
    uv = (pixel_centers((h, w)) - 0.5 / torch.tensor([w, h])).to(depth)
    points = unproject(K, uv, depth)
    along_u, along_v = torch.gradient(points, dim=1)[0], torch.gradient(points, dim=0)[0]
    normals = F.normalize(torch.linalg.cross(along_v, along_u), dim=-1)
    return torch.where((normals * points).sum(-1, keepdim=True) > 0, -normals, normals)

# %% exercise="normals_from_depth" wrong="u and v exchanged"
def normals_from_depth(depth, K):
    h, w = depth.shape
    points = unproject(K, pixel_centers((h, w)).to(depth).flip(-1), depth)
    along_u, along_v = torch.gradient(points, dim=1)[0], torch.gradient(points, dim=0)[0]
    normals = F.normalize(torch.linalg.cross(along_v, along_u), dim=-1)
    return torch.where((normals * points).sum(-1, keepdim=True) > 0, -normals, normals)

# %% exercise="normals_from_depth" wrong="depth taken for distance"
def normals_from_depth(depth, K):
    h, w = depth.shape
    rays = unproject(K, pixel_centers((h, w)).to(depth), torch.ones_like(depth))
    points = F.normalize(rays, dim=-1) * depth[..., None]
    along_u, along_v = torch.gradient(points, dim=1)[0], torch.gradient(points, dim=0)[0]
    normals = F.normalize(torch.linalg.cross(along_v, along_u), dim=-1)
    return torch.where((normals * points).sum(-1, keepdim=True) > 0, -normals, normals)

# %% exercise="normals_from_depth" wrong="pointing away"
def normals_from_depth(depth, K):
    h, w = depth.shape
    points = unproject(K, pixel_centers((h, w)).to(depth), depth)
    along_u, along_v = torch.gradient(points, dim=1)[0], torch.gradient(points, dim=0)[0]
    return F.normalize(torch.linalg.cross(along_u, along_v), dim=-1)

# %% exercise="normals_from_depth" wrong="turned by the sign of z"
def normals_from_depth(depth, K):
    h, w = depth.shape
    points = unproject(K, pixel_centers((h, w)).to(depth), depth)
    along_u, along_v = torch.gradient(points, dim=1)[0], torch.gradient(points, dim=0)[0]
    normals = F.normalize(torch.linalg.cross(along_u, along_v), dim=-1)
    return torch.where(normals[..., 2:] > 0, -normals, normals)

# %% exercise="normals_from_depth" wrong="not of length 1"
def normals_from_depth(depth, K):
    h, w = depth.shape
    points = unproject(K, pixel_centers((h, w)).to(depth), depth)
    along_u, along_v = torch.gradient(points, dim=1)[0], torch.gradient(points, dim=0)[0]
    return torch.linalg.cross(along_v, along_u)

# %% exercise="normals_from_depth" wrong="differences with the next pixel only"
def normals_from_depth(depth, K):
    h, w = depth.shape
    points = unproject(K, pixel_centers((h, w)).to(depth), depth)
    along_u, along_v = points.diff(dim=1), points.diff(dim=0)
    along_u = torch.cat([along_u, along_u[:, -1:]], 1)
    along_v = torch.cat([along_v, along_v[-1:]], 0)
    normals = F.normalize(torch.linalg.cross(along_v, along_u), dim=-1)
    return torch.where((normals * points).sum(-1, keepdim=True) > 0, -normals, normals)

# %% exercise="normals_from_depth" wrong="zeros at the border"
def normals_from_depth(depth, K):
    h, w = depth.shape
    points = unproject(K, pixel_centers((h, w)).to(depth), depth)
    along_u, along_v = torch.zeros_like(points), torch.zeros_like(points)
    along_u[:, 1:-1] = points[:, 2:] - points[:, :-2]
    along_v[1:-1] = points[2:] - points[:-2]
    normals = F.normalize(torch.linalg.cross(along_v, along_u), dim=-1)
    return torch.where((normals * points).sum(-1, keepdim=True) > 0, -normals, normals)

# %% exercise="normals_from_depth" wrong="the neighbour's normal at the border"
def normals_from_depth(depth, K):
    h, w = depth.shape
    points = unproject(K, pixel_centers((h, w)).to(depth), depth)
    along_u, along_v = torch.gradient(points, dim=1)[0], torch.gradient(points, dim=0)[0]
    along_u[:, 0], along_u[:, -1] = along_u[:, min(1, w - 1)], along_u[:, max(w - 2, 0)]
    along_v[0], along_v[-1] = along_v[min(1, h - 1)], along_v[max(h - 2, 0)]
    normals = F.normalize(torch.linalg.cross(along_v, along_u), dim=-1)
    return torch.where((normals * points).sum(-1, keepdim=True) > 0, -normals, normals)

# %% exercise="normals_from_depth" wrong="around the border"
def normals_from_depth(depth, K):
    h, w = depth.shape
    points = unproject(K, pixel_centers((h, w)).to(depth), depth)
    along_u = points.roll(-1, 1) - points.roll(1, 1)
    along_v = points.roll(-1, 0) - points.roll(1, 0)
    normals = F.normalize(torch.linalg.cross(along_v, along_u), dim=-1)
    return torch.where((normals * points).sum(-1, keepdim=True) > 0, -normals, normals)

# %% exercise="normals_from_depth" wrong="borders lost"
def normals_from_depth(depth, K):
    h, w = depth.shape
    points = unproject(K, pixel_centers((h, w)).to(depth), depth)
    along_u = points[1:-1, 2:] - points[1:-1, :-2]
    along_v = points[2:, 1:-1] - points[:-2, 1:-1]
    return F.normalize(torch.linalg.cross(along_v, along_u), dim=-1)

# %% exercise="normals_from_depth" wrong="colours of normals"
def normals_from_depth(depth, K):
    h, w = depth.shape
    points = unproject(K, pixel_centers((h, w)).to(depth), depth)
    along_u, along_v = torch.gradient(points, dim=1)[0], torch.gradient(points, dim=0)[0]
    return 0.5 + 0.5 * F.normalize(torch.linalg.cross(along_v, along_u), dim=-1)

# %% exercise="normals_from_depth" wrong="Sobel's weights"
def normals_from_depth(depth, K):
    h, w = depth.shape
    points = unproject(K, pixel_centers((h, w)).to(depth), depth).permute(2, 0, 1)[:, None]
    framed = F.pad(points, (1, 1, 1, 1), mode="replicate")
    kernel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]).to(depth)
    along_u = F.conv2d(framed, kernel[None, None])[:, 0].permute(1, 2, 0)
    along_v = F.conv2d(framed, kernel.T[None, None])[:, 0].permute(1, 2, 0)
    return F.normalize(torch.linalg.cross(along_v, along_u), dim=-1)

# %% exercise="normals_from_depth" wrong="float32 whatever comes"
def normals_from_depth(depth, K):
    h, w = depth.shape
    points = depth[..., None] * (F.pad(pixel_centers((h, w)), (0, 1), value=1.0) @ torch.linalg.inv(K).T)
    along_u, along_v = torch.gradient(points, dim=1)[0], torch.gradient(points, dim=0)[0]
    return F.normalize(torch.linalg.cross(along_v, along_u), dim=-1)

# %% exercise="normals_from_depth" right="the border padded by hand, K inverted"
def normals_from_depth(depth, K):
    h, w = depth.shape
    v, u = torch.meshgrid((torch.arange(h) + 0.5) / h, (torch.arange(w) + 0.5) / w, indexing="ij")
    uv1 = torch.stack([u, v, torch.ones_like(u)], -1).to(depth)
    points = (uv1 @ torch.linalg.inv(K).T) * depth[..., None]
    wide = torch.cat([points[:, :1], points, points[:, -1:]], 1)
    tall = torch.cat([points[:1], points, points[-1:]], 0)
    normals = torch.linalg.cross(wide[:, 2:] - wide[:, :-2], tall[2:] - tall[:-2])
    normals = normals / normals.norm(dim=-1, keepdim=True)
    return -torch.sign((normals * points).sum(-1, keepdim=True)) * normals

# %% exercise="normals_from_depth" right="numpy's gradient, and a cross product that needs no turning"
def normals_from_depth(depth, K):
    import numpy as np

    h, w = depth.shape
    points = unproject(K.double(), pixel_centers((h, w)).double(), depth.double()).numpy()
    normals = np.cross(np.gradient(points, axis=0), np.gradient(points, axis=1))
    return torch.from_numpy(normals / np.linalg.norm(normals, axis=-1, keepdims=True))

# %% exercise="normals_from_depth" right="a pixel at a time"
def normals_from_depth(depth, K):
    h, w = depth.shape
    points = unproject(K, pixel_centers((h, w)).to(depth), depth)
    rows = []
    for i in range(h):
        for j in range(w):
            a = points[i, min(j + 1, w - 1)] - points[i, max(j - 1, 0)]
            b = points[min(i + 1, h - 1), j] - points[max(i - 1, 0), j]
            n = torch.stack([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])
            n = n / n.norm()
            rows.append(-n if n @ points[i, j] > 0 else n)
    return torch.stack(rows).reshape(h, w, 3)

# %% exercise="semantic_head" wrong="b decays, too"
def semantic_head(features, labels, classes, decay=1e-3):
    W = torch.zeros(classes, features.shape[1], dtype=features.dtype, requires_grad=True)
    b = torch.zeros(classes, dtype=features.dtype, requires_grad=True)
    optimizer = torch.optim.LBFGS([W, b], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(features @ W.T + b, labels) + decay * (W.square().sum() + b.square().sum())
        loss.backward()
        return loss

    optimizer.step(closure)
    return W.detach(), b.detach()

# %% exercise="semantic_head" wrong="no decay"
def semantic_head(features, labels, classes, decay=1e-3):
    W = torch.zeros(classes, features.shape[1], dtype=features.dtype, requires_grad=True)
    b = torch.zeros(classes, dtype=features.dtype, requires_grad=True)
    optimizer = torch.optim.LBFGS([W, b], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(features @ W.T + b, labels)
        loss.backward()
        return loss

    optimizer.step(closure)
    return W.detach(), b.detach()

# %% exercise="semantic_head" wrong="half the decay, as weight_decay counts it"
def semantic_head(features, labels, classes, decay=1e-3):
    W = torch.zeros(classes, features.shape[1], dtype=features.dtype, requires_grad=True)
    b = torch.zeros(classes, dtype=features.dtype, requires_grad=True)
    optimizer = torch.optim.LBFGS([W, b], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(features @ W.T + b, labels) + decay / 2 * W.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return W.detach(), b.detach()

# %% exercise="semantic_head" wrong="the mean of all W²"
def semantic_head(features, labels, classes, decay=1e-3):
    W = torch.zeros(classes, features.shape[1], dtype=features.dtype, requires_grad=True)
    b = torch.zeros(classes, dtype=features.dtype, requires_grad=True)
    optimizer = torch.optim.LBFGS([W, b], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(features @ W.T + b, labels) + decay * W.square().mean()
        loss.backward()
        return loss

    optimizer.step(closure)
    return W.detach(), b.detach()

# %% exercise="semantic_head" wrong="the length of W, not squared"
def semantic_head(features, labels, classes, decay=1e-3):
    W = (1e-3 * torch.ones(classes, features.shape[1], dtype=features.dtype)).requires_grad_()
    b = torch.zeros(classes, dtype=features.dtype, requires_grad=True)
    optimizer = torch.optim.LBFGS([W, b], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(features @ W.T + b, labels) + decay * W.norm()
        loss.backward()
        return loss

    optimizer.step(closure)
    return W.detach(), b.detach()

# %% exercise="semantic_head" wrong="cross-entropy summed"
def semantic_head(features, labels, classes, decay=1e-3):
    W = torch.zeros(classes, features.shape[1], dtype=features.dtype, requires_grad=True)
    b = torch.zeros(classes, dtype=features.dtype, requires_grad=True)
    optimizer = torch.optim.LBFGS([W, b], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(features @ W.T + b, labels, reduction="sum") + decay * W.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return W.detach(), b.detach()

# %% exercise="semantic_head" wrong="classes weighed evenly"
def semantic_head(features, labels, classes, decay=1e-3):
    W = torch.zeros(classes, features.shape[1], dtype=features.dtype, requires_grad=True)
    b = torch.zeros(classes, dtype=features.dtype, requires_grad=True)
    even = (1 / torch.bincount(labels, minlength=classes)).to(features)
    optimizer = torch.optim.LBFGS([W, b], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(features @ W.T + b, labels, weight=even) + decay * W.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return W.detach(), b.detach()

# %% exercise="semantic_head" wrong="softmax before the cross-entropy"
def semantic_head(features, labels, classes, decay=1e-3):
    W = torch.zeros(classes, features.shape[1], dtype=features.dtype, requires_grad=True)
    b = torch.zeros(classes, dtype=features.dtype, requires_grad=True)
    optimizer = torch.optim.LBFGS([W, b], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy((features @ W.T + b).softmax(-1), labels) + decay * W.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return W.detach(), b.detach()

# %% exercise="semantic_head" wrong="each class against all others"
def semantic_head(features, labels, classes, decay=1e-3):
    W = torch.zeros(classes, features.shape[1], dtype=features.dtype, requires_grad=True)
    b = torch.zeros(classes, dtype=features.dtype, requires_grad=True)
    wanted = F.one_hot(labels, classes).to(features)
    optimizer = torch.optim.LBFGS([W, b], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        scores = features @ W.T + b
        loss = F.binary_cross_entropy_with_logits(scores, wanted) + decay * W.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return W.detach(), b.detach()

# %% exercise="semantic_head" wrong="least squares to one-hot labels"
def semantic_head(features, labels, classes, decay=1e-3):
    x = F.pad(features, (0, 1), value=1.0)
    pull = decay * torch.eye(x.shape[1], dtype=x.dtype)
    theta = torch.linalg.solve(x.T @ x / len(x) + pull, x.T @ F.one_hot(labels, classes).to(x) / len(x)).T
    return theta[:, :-1].contiguous(), theta[:, -1].contiguous()

# %% exercise="semantic_head" wrong="means of the classes"
def semantic_head(features, labels, classes, decay=1e-3):
    W = torch.stack([features[labels == k].mean(0) for k in range(classes)])
    return W, -W.square().sum(-1) / 2

# %% exercise="semantic_head" wrong="without b"
def semantic_head(features, labels, classes, decay=1e-3):
    W = torch.zeros(classes, features.shape[1], dtype=features.dtype, requires_grad=True)
    optimizer = torch.optim.LBFGS([W], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(features @ W.T, labels) + decay * W.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return W.detach(), W.new_zeros(classes).detach()

# %% exercise="semantic_head" wrong="fitted to standardised features"
def semantic_head(features, labels, classes, decay=1e-3):
    W = torch.zeros(classes, features.shape[1], dtype=features.dtype, requires_grad=True)
    b = torch.zeros(classes, dtype=features.dtype, requires_grad=True)
    x = (features - features.mean(0)) / features.std(0)
    optimizer = torch.optim.LBFGS([W, b], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(x @ W.T + b, labels) + decay * W.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return W.detach(), b.detach()

# %% exercise="semantic_head" wrong="one step of L-BFGS"
def semantic_head(features, labels, classes, decay=1e-3):
    W = torch.zeros(classes, features.shape[1], dtype=features.dtype, requires_grad=True)
    b = torch.zeros(classes, dtype=features.dtype, requires_grad=True)
    optimizer = torch.optim.LBFGS([W, b], max_iter=1, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(features @ W.T + b, labels) + decay * W.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return W.detach(), b.detach()

# %% exercise="semantic_head" wrong="a hundred steps of gradient descent"
def semantic_head(features, labels, classes, decay=1e-3):
    W = torch.zeros(classes, features.shape[1], dtype=features.dtype, requires_grad=True)
    b = torch.zeros(classes, dtype=features.dtype, requires_grad=True)
    for _ in range(100):
        loss = F.cross_entropy(features @ W.T + b, labels) + decay * W.square().sum()
        for p, g in zip((W, b), torch.autograd.grad(loss, (W, b))):
            p.data -= 0.01 * g
    return W.detach(), b.detach()

# %% exercise="semantic_head" wrong="Adam that stops too early"
def semantic_head(features, labels, classes, decay=1e-3):
    W = torch.zeros(classes, features.shape[1], dtype=features.dtype, requires_grad=True)
    b = torch.zeros(classes, dtype=features.dtype, requires_grad=True)
    optimizer = torch.optim.Adam([W, b], 1e-3)
    for _ in range(100):
        optimizer.zero_grad()
        loss = F.cross_entropy(features @ W.T + b, labels) + decay * W.square().sum()
        loss.backward()
        optimizer.step()
    return W.detach(), b.detach()

# %% exercise="semantic_head" wrong="the decay of the signature, whatever is asked"
def semantic_head(features, labels, classes, decay=1e-3):
    W = torch.zeros(classes, features.shape[1], dtype=features.dtype, requires_grad=True)
    b = torch.zeros(classes, dtype=features.dtype, requires_grad=True)
    optimizer = torch.optim.LBFGS([W, b], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(features @ W.T + b, labels) + 1e-3 * W.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return W.detach(), b.detach()

# %% exercise="semantic_head" wrong="a column for each class"
def semantic_head(features, labels, classes, decay=1e-3):
    W = torch.zeros(features.shape[1], classes, dtype=features.dtype, requires_grad=True)
    b = torch.zeros(classes, dtype=features.dtype, requires_grad=True)
    optimizer = torch.optim.LBFGS([W, b], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(features @ W + b, labels) + decay * W.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return W.detach(), b.detach()

# %% exercise="semantic_head" wrong="names instead of scores"
def semantic_head(features, labels, classes, decay=1e-3):
    W = torch.stack([features[labels == k].mean(0) for k in range(classes)])
    return (features @ W.T).argmax(-1)

# %% exercise="semantic_head" right="Newton's method"
def semantic_head(features, labels, classes, decay=1e-3):
    n, f = features.shape
    theta = torch.zeros(classes * (f + 1), dtype=torch.float64)
    x, y = F.pad(features.double(), (0, 1), value=1.0), labels

    def objective(theta):
        T = theta.view(classes, f + 1)
        return F.cross_entropy(x @ T.T, y) + decay * T[:, :-1].square().sum()

    for _ in range(10):
        gradient = torch.autograd.functional.jacobian(objective, theta)
        hessian = torch.autograd.functional.hessian(objective, theta)
        hessian = hessian + 1e-8 * torch.eye(len(theta), dtype=torch.float64)
        step, length = torch.linalg.solve(hessian, gradient), 1.0
        while objective(theta - length * step) > objective(theta) and length > 1e-3:
            length /= 2
        theta = theta - length * step
    T = theta.view(classes, f + 1).to(features.dtype)
    return T[:, :-1], T[:, -1]

# %% exercise="semantic_head" right="nn.Linear, and Adam for long"
def semantic_head(features, labels, classes, decay=1e-3):
    head = nn.Linear(features.shape[1], classes, dtype=features.dtype)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.1)
    for _ in range(500):
        optimizer.zero_grad()
        loss = F.cross_entropy(head(features), labels) + decay * (head.weight**2).sum()
        loss.backward()
        optimizer.step()
    return head.weight.detach(), head.bias.detach()

# %% exercise="semantic_head" right="an upper bound of the curvature, inverted once, derivatives by hand"
def semantic_head(features, labels, classes, decay=1e-3):
    n, f = features.shape
    x, y = F.pad(features, (0, 1), value=1.0), F.one_hot(labels, classes).to(features)
    pull = torch.tensor([2 * decay] * f + [0.0]).to(x)
    bound = torch.linalg.inv(x.T @ x / (2 * n) + pull.diag())
    T = torch.zeros(classes, f + 1).to(x)
    ahead = T
    for t in range(600):
        gradient = ((x @ ahead.T).softmax(-1) - y).T @ x / n + pull * ahead
        new = ahead - gradient @ bound
        ahead, T = new + t / (t + 3) * (new - T), new
    return T[:, :f], T[:, f]

# %% exercise="render_view" right="columns asked for one after the other, and put back into rows"
def render_view(trace, resolution, portion=4096):
    h, w = resolution
    uv = pixel_centers(resolution).transpose(0, 1).reshape(-1, 2)
    with torch.no_grad():
        rgb, depth = zip(*map(trace, uv.split(portion)))
    return torch.cat(rgb).reshape(w, h, 3).transpose(0, 1), torch.cat(depth).reshape(w, h).T

# %% exercise="semantic_head" right="a layer's own parameters, in float64"
def semantic_head(features, labels, classes, decay=1e-3):
    head = nn.Linear(features.shape[1], classes, dtype=torch.float64)
    optimizer = torch.optim.LBFGS(head.parameters(), max_iter=300, line_search_fn="strong_wolfe")
    x = features.double()

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(head(x), labels) + decay * torch.linalg.matrix_norm(head.weight) ** 2
        loss.backward()
        return loss

    optimizer.step(closure)
    return head.weight, head.bias

# %% exercise="infer_latent" right="a module of its own for the code"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    table = nn.Embedding.from_pretrained(start.detach().clone(), freeze=False)
    optimizer = torch.optim.Adam(table.parameters(), lr=learning_rate, foreach=False)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(table(torch.arange(len(start)))).backward(inputs=list(table.parameters()))
        optimizer.step()
    return table.weight.detach()

# %% exercise="semantic_head" right="float32 parameters, Adam with a rate that falls, still asking for gradients"
def semantic_head(features, labels, classes, decay=1e-3):
    W = nn.Parameter(torch.zeros(classes, features.shape[1]))
    b = nn.Parameter(torch.zeros(classes))
    optimizer = torch.optim.Adam([W, b], lr=0.05)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 1500)
    for _ in range(1500):
        optimizer.zero_grad()
        (F.cross_entropy(features @ W.T + b, labels) + decay * (W**2).sum()).backward()
        optimizer.step()
        falling.step()
    return W, b

# %% exercise="infer_latent" wrong="it stops as soon as the loss rises"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    last = float("inf")
    for _ in range(steps):
        value = loss(z)
        if value.item() > last:
            break
        last = value.item()
        (z.grad,) = torch.autograd.grad(value, z)
        optimizer.step()
    return z.detach()

# %% exercise="normals_from_depth" wrong="a small number added to the length"
def normals_from_depth(depth, K):
    h, w = depth.shape
    points = unproject(K, pixel_centers((h, w)).to(depth), depth)
    along_v, along_u = torch.gradient(points, dim=(0, 1))
    normals = torch.linalg.cross(along_v, along_u)
    return normals / (normals.norm(dim=-1, keepdim=True) + 1e-6)

# %% exercise="normals_from_depth" right="torch.gradient, and columns before rows in the cross product: no turning"
def normals_from_depth(depth, K):
    h, w = depth.shape
    points = unproject(K, pixel_centers((h, w)).to(depth), depth)
    along_v, along_u = torch.gradient(points, dim=(0, 1))
    return F.normalize(torch.linalg.cross(along_v, along_u), dim=-1)

# %% exercise="sample_pixels" wrong="the share counted over the whole batch"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).flatten(1) > 0
    n = near.sum(1, keepdim=True)
    order = (~near).int().argsort(1, stable=True)
    first = torch.arange(u.numel()).reshape(u.shape) < round(share * u.numel())
    chosen = order.gather(1, (u * n).long())
    return torch.where(first & (n > 0), chosen, (u * (h * w)).long())

# %% exercise="sample_pixels" right="cumulative counts searched, float64"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    window = torch.ones(1, 1, 2 * margin + 1, 2 * margin + 1, dtype=torch.float64)
    near = F.conv2d(mask[:, None].double(), window, padding=margin).flatten(1) > 0.5
    counts = near.long().cumsum(1)
    chosen = torch.searchsorted(counts, (u.double() * counts[:, -1:]).floor().long() + 1)
    first = torch.zeros_like(u, dtype=torch.bool)
    first[:, : round(share * u.shape[1])] = True
    return torch.where(first & near.any(1, keepdim=True), chosen, (u.double() * h * w).long())

# %% exercise="render_view" right="rows from the last to the first, each in portions of its own"
def render_view(trace, resolution, portion=4096):
    rows = []
    with torch.no_grad():
        for row in reversed(pixel_centers(resolution)):
            colors, depths = zip(*map(trace, row.split(portion)))
            rows.insert(0, (torch.cat(colors), torch.cat(depths)))
    image, depth = zip(*rows)
    return torch.stack(image), torch.stack(depth)
