# syntax=docker/dockerfile:1
# A worker: the example bot, or yours. Build context: the repository's folder.
#   docker build --file deploy/docker/worker.Dockerfile --tag holdfast-worker .
#
# For your own bot, put it beside the example (examples/NAME, with a `build` script and dist/main.js) and add
# --build-arg BOT=NAME. In a repository of its own, this file works with the two COPY lines changed to your folders: what
# it takes is a program that ends in `await worker.run()`.

# As in gateway.Dockerfile.
ARG NODE=24

FROM node:${NODE}-slim AS build
ARG BOT=echo
WORKDIR /holdfast
ENV TURBO_TELEMETRY_DISABLED=1
COPY --parents package.json package-lock.json packages/*/package.json services/*/package.json \
  examples/*/package.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY . .
RUN npm run build -- --filter=./examples/${BOT}
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --workspace=examples/${BOT} --no-audit --no-fund

FROM node:${NODE}-slim
ARG BOT=echo
LABEL org.opencontainers.image.title="holdfast-worker" \
      org.opencontainers.image.description="A bot that takes events from the queue" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /holdfast
COPY --from=build --parents /holdfast/./node_modules /holdfast/./packages/*/package.json \
  /holdfast/./packages/*/dist /holdfast/./examples/${BOT}/package.json /holdfast/./examples/${BOT}/dist ./
WORKDIR /holdfast/examples/${BOT}
# A worker listens on no port unless HOLDFAST_WORKER_HTTP_PORT names one (and HOLDFAST_WORKER_HTTP_HOST=0.0.0.0). This file is
# there while it takes events; it wants a writable /tmp.
ENV NODE_ENV=production HOLDFAST_READY_FILE=/tmp/holdfast-ready
USER 1000:1000
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --start-interval=1s --retries=3 \
  CMD test -f "$HOLDFAST_READY_FILE"
# Not `npm start`: npm would be process 1 and keep SIGTERM to itself.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "dist/main.js"]
