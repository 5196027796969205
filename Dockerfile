# Targets: api (also runs migrations and the command line), worker (TensorFlow for CPUs), gpu-worker (TensorFlow with
# CUDA 12). scripts/setup.mjs installs them, as everywhere else.

FROM node:22-bookworm AS tools
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3 python3-venv g++ make \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY . .

FROM tools AS api-build
RUN --mount=type=cache,target=/root/.npm node scripts/setup.mjs --only npm,prisma,web --omit-dev

FROM tools AS worker-build
RUN --mount=type=cache,target=/root/.npm --mount=type=cache,target=/root/.cache/pip \
  node scripts/setup.mjs --only addon,prisma --tensorflow cpu --omit-dev --no-redis

FROM tools AS gpu-worker-build
RUN --mount=type=cache,target=/root/.npm --mount=type=cache,target=/root/.cache/pip \
  node scripts/setup.mjs --only addon,prisma --tensorflow gpu --omit-dev --no-redis

FROM node:22-bookworm-slim AS runtime
ENV NODE_ENV=production ABLATE_HOME=/data
WORKDIR /app
RUN install -d -o node -g node /data
VOLUME /data

FROM runtime AS api
COPY --from=api-build /app /app
ENV ABLATE_HOST=0.0.0.0 ABLATE_PORT=3000
USER node
EXPOSE 3000
# Whether the event loop answers; docker-compose.yml asks /ready, which also needs the databases.
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["node", "-e", "fetch('http://127.0.0.1:3000/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--import", "tsx", "apps/api/src/server.ts"]

FROM runtime AS worker
COPY --from=worker-build /app /app
ENV ABLATE_DATA=/datasets ABLATE_DEVICE=cpu
USER node
CMD ["node", "--import", "tsx", "apps/worker/src/worker.ts"]

FROM runtime AS gpu-worker
COPY --from=gpu-worker-build /app /app
# The wheels contain the CUDA libraries; the host provides the driver.
ENV ABLATE_DATA=/datasets ABLATE_DEVICE=gpu NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
USER node
CMD ["node", "--import", "tsx", "apps/worker/src/worker.ts"]
