# syntax=docker/dockerfile:1
# A simulated Slack and Discord, to see the rest work without tokens. Build context: the repository's folder.
# It has no authentication: publish its port on 127.0.0.1 only.

# As in gateway.Dockerfile.
ARG NODE=24

FROM node:${NODE}-slim AS build
WORKDIR /holdfast
ENV TURBO_TELEMETRY_DISABLED=1
COPY --parents package.json package-lock.json packages/*/package.json services/*/package.json \
  examples/*/package.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY . .
RUN npm run build -- --filter=@holdfast/simulator
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --workspace=@holdfast/simulator --no-audit --no-fund

FROM node:${NODE}-slim
LABEL org.opencontainers.image.title="holdfast-simulator" \
      org.opencontainers.image.description="A simulated Slack and Discord" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /holdfast
COPY --from=build --parents /holdfast/./node_modules /holdfast/./packages/simulator/package.json \
  /holdfast/./packages/simulator/bin /holdfast/./packages/simulator/dist ./
COPY deploy/docker/probe.mjs ./
ENV NODE_ENV=production
USER 1000:1000
EXPOSE 8070
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --start-interval=1s --retries=3 \
  CMD node probe.mjs http://127.0.0.1:8070/control/state
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "packages/simulator/bin/holdfast-simulator.js", "--limits=demo", "--bots=1"]
CMD ["--host=0.0.0.0", "--port=8070"]
