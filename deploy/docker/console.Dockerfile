# syntax=docker/dockerfile:1
# The console. Build context: the repository's folder.
#   docker build --file deploy/docker/console.Dockerfile --tag holdfast-console .

# As in gateway.Dockerfile.
ARG NODE=24

FROM node:${NODE}-slim AS build
WORKDIR /holdfast
ENV TURBO_TELEMETRY_DISABLED=1
COPY --parents package.json package-lock.json packages/*/package.json services/*/package.json \
  examples/*/package.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY . .
RUN npm run build -- --filter=@holdfast/console
# Optional is here, beside native code that others need and the console does not, the TypeScript compiler.
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --omit=optional --workspace=@holdfast/console --no-audit --no-fund

FROM node:${NODE}-slim
LABEL org.opencontainers.image.title="holdfast-console" \
      org.opencontainers.image.description="Shows what waits, who works and who holds the sockets" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /holdfast
COPY --from=build --parents /holdfast/./node_modules /holdfast/./packages/*/package.json \
  /holdfast/./packages/*/dist /holdfast/./services/console/package.json /holdfast/./services/console/bin \
  /holdfast/./services/console/dist ./
COPY deploy/docker/probe.mjs ./
ENV NODE_ENV=production HOLDFAST_CONSOLE_HOST=0.0.0.0 HOLDFAST_CONSOLE_PORT=8090
USER 1000:1000
EXPOSE 8090
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --start-interval=1s --retries=3 \
  CMD node probe.mjs "http://127.0.0.1:$HOLDFAST_CONSOLE_PORT/readyz"
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "services/console/bin/holdfast-console.js"]
