# What candidates run in with `mlestar run --runner docker`: a Python with their packages, nothing of mlestar itself.
#   docker build -f deploy/candidate.Dockerfile -t mlestar-candidate .
# For GPUs: --build-arg TORCH="torch" (its default build brings CUDA); the engine needs the NVIDIA Container Toolkit.
ARG BASE=python:3.11-slim
FROM ${BASE}
# LightGBM's OpenMP; slim images lack it.
RUN if ! ldconfig -p | grep -q libgomp; then \
        apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*; \
    fi
COPY constraints.txt /tmp/constraints.txt
ARG TORCH=
ARG PACKAGES="numpy pandas pyarrow scikit-learn scipy lightgbm pillow"
RUN python -m pip install --no-cache-dir --compile --constraint /tmp/constraints.txt ${PACKAGES} ${TORCH}
# Only a default: mlestar names the user of each container itself.
USER 65534:65534
