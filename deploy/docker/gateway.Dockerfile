# syntax=docker/dockerfile:1
# The gateway. Build context: the repository's folder.
#   docker build --file deploy/docker/gateway.Dockerfile --tag holdfast-gateway .

# A major version that has long-term support. Pin its digest (node:24-slim@sha256:…) where builds must be repeatable.
ARG NODE=24

FROM node:${NODE}-slim AS build
WORKDIR /holdfast
ENV TURBO_TELEMETRY_DISABLED=1
# Manifests first: the packages are installed anew only when one of these changes.
COPY --parents package.json package-lock.json packages/*/package.json services/*/package.json \
  examples/*/package.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY . .
RUN npm run build -- --filter=@holdfast/gateway
# Again, with nothing but what the gateway needs to run.
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --workspace=@holdfast/gateway --no-audit --no-fund

FROM node:${NODE}-slim
LABEL org.opencontainers.image.title="holdfast-gateway" \
      org.opencontainers.image.description="Owns a bot's chat connections and puts every event on the queue" \
      org.opencontainers.image.licenses="MIT"
# holdfast.yaml is looked for here; without one the environment is the configuration.
WORKDIR /holdfast
COPY --from=build --parents /holdfast/./node_modules /holdfast/./packages/*/package.json \
  /holdfast/./packages/*/dist /holdfast/./services/gateway/package.json /holdfast/./services/gateway/bin \
  /holdfast/./services/gateway/dist ./
COPY deploy/docker/probe.mjs ./
# Inside a container 127.0.0.1 is nobody else's; who may reach the port is decided where it is published.
ENV NODE_ENV=production HOLDFAST_HTTP_HOST=0.0.0.0 HOLDFAST_HTTP_PORT=8080
# The one folder of the base image that is user 1000's. Mount a volume at /home/node: it is given the same owner, and what
# is in it outlives the container.
ENV HOLDFAST_JOURNAL_DIR=/home/node/journal
# All other files belong to root: the process can't change its own program, and writes nothing but its journal.
USER 1000:1000
EXPOSE 8080
# Ready, not only alive: what waits for "healthy" waits for connections that stand.
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --start-interval=1s --retries=3 \
  CMD node probe.mjs "http://127.0.0.1:$HOLDFAST_HTTP_PORT/readyz"
# node itself is process 1, so SIGTERM reaches it and its exit code is the container's. It handles the signal and starts
# no children, so there is nothing for an init to do.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "services/gateway/bin/holdfast-gateway.js"]
