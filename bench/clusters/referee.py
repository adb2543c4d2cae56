"""The same rows by SciPy and scikit-learn: python3 referee.py FOLDER, which main.ts wrote; prints one JSON line.

rows.npy are the rows, result.json what limn made of them.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import laplacian
from scipy.sparse.linalg import eigsh
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import NearestNeighbors

folder = Path(sys.argv[1])
rows = np.load(folder / "rows.npy")
made = json.loads((folder / "result.json").read_text())
count = made["neighbours"]

start = time.perf_counter()
near = NearestNeighbors(n_neighbors=count + 1, algorithm="brute").fit(rows)
distances, indices = near.kneighbors(rows)
others = [[j for j in row if j != i][:count] for i, row in enumerate(indices)]
searching = time.perf_counter() - start

n = len(rows)
exact = [np.linalg.norm(rows[i].astype(np.float64) - rows[others[i]], axis=1) for i in range(n)]
scale = np.array([each[-1] for each in exact])
weights = np.concatenate([exact[i] ** 2 / (scale[i] * scale[others[i]]) for i in range(n)])
graph = csr_matrix((np.exp(-weights), (np.repeat(np.arange(n), count), np.concatenate(others))), shape=(n, n))
affinity = 0.5 * (graph + graph.T)

start = time.perf_counter()
normed, degrees = laplacian(affinity, normed=True, return_diag=True)
values, vectors = eigsh(-normed, k=len(made["eigenvalues"]), sigma=None, which="LA", tol=1e-9, v0=np.ones(n))
order = np.argsort(-values)
solving = time.perf_counter() - start
eigenvalues = -values[order]
clusters = made["clusters"]
embedding = (vectors / degrees[:, None])[:, order[:clusters]]
labels = KMeans(clusters, n_init=10, random_state=0).fit_predict(embedding)

same = np.mean([len(set(others[i]) & set(made["indices"][i * count : (i + 1) * count])) / count for i in range(n)])
print(
    json.dumps(
        {
            "neighbours in common": float(same),
            "largest difference of eigenvalues": float(np.max(np.abs(eigenvalues - made["eigenvalues"]))),
            "adjusted Rand index of the clusters": float(adjusted_rand_score(labels, made["labels"])),
            "seconds for neighbours": searching,
            "seconds for eigenvectors": solving,
        }
    )
)
